using System.Globalization;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Core.ConsumableResources;

/// <summary>What a consumable resource may be, and how its quantity changes.</summary>
/// <remarks>Source: AWS Batch API, CreateConsumableResource, UpdateConsumableResource, DeleteConsumableResource, DescribeConsumableResource.</remarks>
public static class ConsumableResourceRules
{
    private const int MaxTokenLength = 64;

    /// <summary>The resource that a request creates.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="scope">Whose it becomes.</param>
    /// <param name="now">When it is created.</param>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static ConsumableResourceConfiguration Create(CreateConsumableResourceRequest request, Scope scope, DateTimeOffset now)
    {
        var name = NewName(request);
        if (request.TotalQuantity < 0)
        {
            throw new BatchClientException($"totalQuantity is {request.TotalQuantity}, it must be at least 0.");
        }

        if (request.ResourceType is not (null or "REPLENISHABLE" or "NON_REPLENISHABLE"))
        {
            throw new BatchClientException($"resourceType {request.ResourceType} is not valid. Valid values are: [REPLENISHABLE, NON_REPLENISHABLE]");
        }

        TagRules.Check(request.Tags);
        return new()
        {
            Name = new(scope, name),
            ResourceType = request.ResourceType ?? "REPLENISHABLE",
            TotalQuantity = request.TotalQuantity ?? 0,
            CreatedAt = now,
            Tags = request.Tags ?? new Dictionary<string, string>(),
        };
    }

    /// <summary>The name of the resource that a request creates.</summary>
    /// <exception cref="BatchClientException">It is missing, or none.</exception>
    public static string NewName(CreateConsumableResourceRequest request) => ResourceNames.IsValid(request.ConsumableResourceName)
        ? request.ConsumableResourceName!
        : throw new BatchClientException("Consumable resource name should match a valid pattern.");

    /// <summary>The resource after an update. The same ADD or REMOVE again changes it again: what tells repetitions is the client's token.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed, or the total would be below 0 or beyond what a number can hold.</exception>
    public static ConsumableResourceConfiguration Update(ConsumableResourceConfiguration resource, UpdateConsumableResourceRequest request)
    {
        CheckUpdate(request);
        if (request.Quantity is not { } quantity)
        {
            return resource;
        }

        var total = resource.TotalQuantity;
        return resource with
        {
            TotalQuantity = request.Operation switch
            {
                "ADD" when quantity > long.MaxValue - total => throw new BatchClientException(
                    $"Cannot add {quantity} to the {total} of consumable resource {resource.Name.Name}: the total can be at most {long.MaxValue}."),
                "ADD" => total + quantity,
                "REMOVE" when quantity > total => throw new BatchClientException(
                    $"Cannot remove {quantity} from the {total} of consumable resource {resource.Name.Name}."),
                "REMOVE" => total - quantity,
                _ => quantity,
            },
        };
    }

    /// <summary>The resource as it is seen: what is not given back is gone from its total.</summary>
    /// <param name="resource">As stored: its total is what there ever was.</param>
    /// <param name="taken">What is taken of that: by attempts now or, of what is not given back, ever.</param>
    /// <returns>The resource, and what is in use of it.</returns>
    public static (ConsumableResourceConfiguration Resource, long InUse) Seen(ConsumableResourceConfiguration resource, long taken) =>
        IsReplenishable(resource) ? (resource, taken) : (resource with { TotalQuantity = Math.Max(0, resource.TotalQuantity - taken) }, 0);

    /// <summary>The resource after an update of what is seen of it.</summary>
    /// <param name="resource">As stored.</param>
    /// <param name="request">As it came.</param>
    /// <param name="taken">As for <see cref="Seen"/>.</param>
    /// <exception cref="BatchClientException">As for <see cref="Update(ConsumableResourceConfiguration, UpdateConsumableResourceRequest)"/>.</exception>
    public static ConsumableResourceConfiguration Update(ConsumableResourceConfiguration resource, UpdateConsumableResourceRequest request, long taken)
    {
        var (seen, _) = Seen(resource, taken);
        var updated = Update(seen, request);
        return IsReplenishable(resource) ? updated : updated with
        {
            TotalQuantity = updated.TotalQuantity > long.MaxValue - taken ? long.MaxValue : updated.TotalQuantity + taken,
        };
    }

    /// <summary>Whether what attempts take is given back at their ends.</summary>
    public static bool IsReplenishable(ConsumableResourceConfiguration resource) => resource.ResourceType == "REPLENISHABLE";

    /// <summary>Names a resource from its creation to its deletion.</summary>
    public static string Key(ConsumableResourceConfiguration resource) =>
        string.Create(CultureInfo.InvariantCulture, $"{resource.Name.Key}@{resource.CreatedAt.ToUnixTimeMilliseconds()}");

    /// <summary>What an update asks for, without its token: a token is good for one of it.</summary>
    public static string Payload(UpdateConsumableResourceRequest request) => $"{request.Operation ?? "SET"} {request.Quantity}";

    /// <summary>Refuses a token that came before with something else.</summary>
    public static BatchClientException TokenOfAnotherUpdate(string token) =>
        new($"clientToken {token} was used for another update of the consumable resource in the last 8 hours.");

    /// <summary>Whether a resource may be deleted.</summary>
    /// <param name="resource">As stored.</param>
    /// <param name="isNeeded">Whether a job that is not over needs it.</param>
    /// <exception cref="BatchClientException">It may not.</exception>
    public static void CheckDelete(ConsumableResourceConfiguration resource, bool isNeeded)
    {
        if (isNeeded)
        {
            throw new BatchClientException($"Cannot delete, jobs that are not finished need consumable resource {resource.Name.Name}.");
        }
    }

    /// <summary>The name that a request means.</summary>
    /// <exception cref="BatchClientException">There is none, or it is of another scope.</exception>
    public static string NameOf(string? nameOrArn, Scope scope) => string.IsNullOrEmpty(nameOrArn)
        ? throw new BatchClientException("consumableResource is required.")
        : Arns.NameOf(ResourceKind.ConsumableResource, nameOrArn, scope);

    /// <summary>What a resource has left; 0 when jobs hold more than there is now.</summary>
    public static long Available(ConsumableResourceConfiguration resource, long inUse) => Math.Max(0, resource.TotalQuantity - inUse);

    /// <summary>Create's answer.</summary>
    public static CreateConsumableResourceResponse Created(ScopedName resource) =>
        new() { ConsumableResourceName = resource.Name, ConsumableResourceArn = Arn(resource) };

    /// <summary>Update's answer.</summary>
    /// <param name="resource">Its name.</param>
    /// <param name="total">After that update.</param>
    public static UpdateConsumableResourceResponse Updated(ScopedName resource, long total) =>
        new() { ConsumableResourceName = resource.Name, ConsumableResourceArn = Arn(resource), TotalQuantity = total };

    /// <summary>A resource in full.</summary>
    /// <param name="resource">As stored.</param>
    /// <param name="inUse">What jobs hold of it now.</param>
    public static DescribeConsumableResourceResponse Describe(ConsumableResourceConfiguration resource, long inUse) => new()
    {
        ConsumableResourceName = resource.Name.Name,
        ConsumableResourceArn = Arn(resource.Name),
        TotalQuantity = resource.TotalQuantity,
        InUseQuantity = inUse,
        AvailableQuantity = Available(resource, inUse),
        ResourceType = resource.ResourceType,
        CreatedAt = resource.CreatedAt.ToUnixTimeMilliseconds(),
        Tags = resource.Tags,
    };

    /// <summary>A resource in short.</summary>
    /// <param name="resource">As stored.</param>
    /// <param name="inUse">What jobs hold of it now.</param>
    public static ConsumableResourceSummary Summary(ConsumableResourceConfiguration resource, long inUse) => new()
    {
        ConsumableResourceArn = Arn(resource.Name),
        ConsumableResourceName = resource.Name.Name,
        TotalQuantity = resource.TotalQuantity,
        InUseQuantity = inUse,
        ResourceType = resource.ResourceType,
    };

    private static string Arn(ScopedName resource) => Arns.ConsumableResource(resource.Scope, resource.Name);

    private static void CheckUpdate(UpdateConsumableResourceRequest request)
    {
        if (request.Operation is not (null or "SET" or "ADD" or "REMOVE"))
        {
            throw new BatchClientException($"operation {request.Operation} is not valid. Valid values are: [SET, ADD, REMOVE]");
        }

        if (request.Quantity < 0)
        {
            throw new BatchClientException($"quantity is {request.Quantity}, it must be at least 0.");
        }

        if (request is { Operation: not null, Quantity: null })
        {
            throw new BatchClientException($"quantity is required with operation {request.Operation}.");
        }

        if (request.ClientToken is { Length: < 1 or > MaxTokenLength } token)
        {
            throw new BatchClientException($"clientToken must have 1 to {MaxTokenLength} characters, got {token.Length}.");
        }
    }
}
