using System.Globalization;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tags;

/// <summary>What an ARN means that tags are asked of or given to.</summary>
/// <remarks>Source: AWS Batch user guide, "Tag your AWS Batch resources"; service authorization reference, resource types.</remarks>
public abstract record TaggedResource
{
    private const int MostShown = 200;

    private TaggedResource()
    {
    }

    /// <summary>As the caller gave it.</summary>
    public string Arn { get; private init; } = "";

    /// <summary>A job queue.</summary>
    public sealed record JobQueue(string Name) : TaggedResource;

    /// <summary>A compute environment.</summary>
    public sealed record ComputeEnvironment(string Name) : TaggedResource;

    /// <summary>A scheduling policy.</summary>
    public sealed record SchedulingPolicy(string Name) : TaggedResource;

    /// <summary>A consumable resource.</summary>
    public sealed record ConsumableResource(string Name) : TaggedResource;

    /// <summary>One revision of a job definition.</summary>
    public sealed record JobDefinition(string Name, int Revision) : TaggedResource;

    /// <summary>A whole job.</summary>
    public sealed record Job(string JobId) : TaggedResource;

    /// <summary>Reads an ARN.</summary>
    /// <exception cref="BatchClientException">It is none, of another scope, or of something that carries no tags.</exception>
    public static TaggedResource Of(string? arn, Scope scope)
    {
        if (string.IsNullOrEmpty(arn))
        {
            throw new BatchClientException("resourceArn is required.");
        }

        if (arn.Split(':', 6) is not ["arn", { Length: > 0 } partition, "batch", var region, var account, var rest] || rest.IndexOf('/') < 1)
        {
            throw new BatchClientException($"resourceArn '{Shown(arn)}' is not the ARN of an AWS Batch resource.");
        }

        if ((partition, region, account) != (scope.Partition, scope.Region, scope.Account))
        {
            throw DoesNotExist("Resource", arn);
        }

        var slash = rest.IndexOf('/');
        return Of(rest[..slash], rest[(slash + 1)..], arn) with { Arn = arn };
    }

    /// <summary>Says that there is none such.</summary>
    public BatchClientException DoesNotExist() => DoesNotExist(Words(this), Arn);

    private static TaggedResource Of(string kind, string name, string arn) => kind switch
    {
        "job-queue" when name.Contains("/quota-share/", StringComparison.Ordinal) => throw Unavailable.Feature("Tags of a quota share"),
        "job-queue" => new JobQueue(Named("Job queue", name, arn)),
        "compute-environment" => new ComputeEnvironment(Named("Compute environment", name, arn)),
        "scheduling-policy" => new SchedulingPolicy(Named("Scheduling policy", name, arn)),
        "consumable-resource" => new ConsumableResource(Named("Consumable resource", name, arn)),
        "job-definition" => Definition(name, arn),
        "job" => WholeJob(name, arn),
        "service-environment" or "service-job" =>
            throw Unavailable.Feature($"Tags of a {kind.Replace('-', ' ')}"),
        _ => throw new BatchClientException($"resourceArn '{Shown(arn)}' is of no kind that carries tags."),
    };

    private static string Named(string words, string name, string arn) => ResourceNames.IsValid(name) ? name : throw DoesNotExist(words, arn);

    private static JobDefinition Definition(string name, string arn)
    {
        if (ResourceNames.IsValid(name))
        {
            throw new BatchClientException($"resourceArn '{Shown(arn)}' names no revision: tags belong to one revision of a job definition.");
        }

        return name.Split(':') is [var plain, var digits] && ResourceNames.IsValid(plain)
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? new(plain, revision)
            : throw DoesNotExist("Job definition", arn);
    }

    private static Job WholeJob(string id, string arn)
    {
        if (!ResourceNames.IsJobId(id))
        {
            throw DoesNotExist("Job", arn);
        }

        return id.AsSpan().IndexOfAny(':', '#') switch
        {
            < 0 => new(id),
            var at when id[at] == ':' => throw new BatchClientException($"{arn} is one child of an array job: tags belong to the whole job."),
            _ => throw new BatchClientException($"{arn} is one node of a multi-node parallel job: tags belong to the whole job."),
        };
    }

    private static string Words(TaggedResource resource) => resource switch
    {
        JobQueue => "Job queue",
        ComputeEnvironment => "Compute environment",
        SchedulingPolicy => "Scheduling policy",
        ConsumableResource => "Consumable resource",
        JobDefinition => "Job definition",
        _ => "Job",
    };

    private static BatchClientException DoesNotExist(string words, string arn) => new($"{words} {Shown(arn)} does not exist");

    private static string Shown(string arn) => arn.Length <= MostShown ? arn : string.Concat(arn.AsSpan(0, MostShown), "…");
}
