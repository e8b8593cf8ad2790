using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Listings;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Core.SchedulingPolicies;

/// <summary>What a scheduling policy may be.</summary>
/// <remarks>Source: AWS Batch API, CreateSchedulingPolicy, UpdateSchedulingPolicy, DeleteSchedulingPolicy, DescribeSchedulingPolicies, ListSchedulingPolicies.</remarks>
public static class SchedulingPolicyRules
{
    private const int MaxDescribed = 100;
    private const int MaxDecaySeconds = 604_800;
    private const int MaxReservation = 99;
    private const int MaxShares = 500;
    private const double MinWeight = 0.0001;
    private const double MaxWeight = 999.9999;

    /// <summary>The policy that a request creates.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="scope">Whose it becomes.</param>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not supported yet.</exception>
    public static SchedulingPolicyConfiguration Create(CreateSchedulingPolicyRequest request, Scope scope)
    {
        var name = NewName(request);
        TagRules.Check(request.Tags);
        CheckKind(request.FairsharePolicy, request.QuotaSharePolicy);
        return new()
        {
            Name = new(scope, name),
            FairsharePolicy = InForce(request.FairsharePolicy ?? new()),
            Tags = request.Tags ?? new Dictionary<string, string>(),
        };
    }

    /// <summary>The name of the policy that a request creates.</summary>
    /// <exception cref="BatchClientException">It is missing, or none.</exception>
    public static string NewName(CreateSchedulingPolicyRequest request) => ResourceNames.IsValid(request.Name)
        ? request.Name!
        : throw new BatchClientException("Scheduling policy name should match a valid pattern.");

    /// <summary>The policy after an update. The same update again changes nothing.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not supported yet.</exception>
    public static SchedulingPolicyConfiguration Update(SchedulingPolicyConfiguration policy, UpdateSchedulingPolicyRequest request)
    {
        CheckKind(request.FairsharePolicy, request.QuotaSharePolicy);
        return request.FairsharePolicy is null ? policy : policy with { FairsharePolicy = InForce(request.FairsharePolicy) };
    }

    /// <summary>Whether a policy may be deleted.</summary>
    /// <param name="policy">As stored.</param>
    /// <param name="isUsed">Whether a queue has it.</param>
    /// <exception cref="BatchClientException">It may not.</exception>
    public static void CheckDelete(SchedulingPolicyConfiguration policy, bool isUsed)
    {
        if (isUsed)
        {
            throw new BatchClientException($"Cannot delete, scheduling policy {policy.Name.Name} is used by a job queue.");
        }
    }

    /// <summary>The name that an update or delete means.</summary>
    /// <exception cref="BatchClientException">There is none, or it is of another scope.</exception>
    public static string NameOf(string? arn, Scope scope) => string.IsNullOrEmpty(arn)
        ? throw new BatchClientException("arn is required.")
        : Arns.NameOf(ResourceKind.SchedulingPolicy, arn, scope);

    /// <summary>Which policies a DescribeSchedulingPolicies means: in the order asked, each once.</summary>
    /// <exception cref="BatchClientException">There are none, or too many.</exception>
    public static IReadOnlyList<string> Described(DescribeSchedulingPoliciesRequest request, Scope scope)
    {
        if (request.Arns is not { Count: >= 1 and <= MaxDescribed } arns)
        {
            throw new BatchClientException($"arns has {request.Arns?.Count ?? 0} entries, 1 to {MaxDescribed} are required.");
        }

        return [.. arns.Select(arn => Arns.FindName(ResourceKind.SchedulingPolicy, arn, scope)).OfType<string>().Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Which policies a ListSchedulingPolicies means.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static NameListing List(ListSchedulingPoliciesRequest request, Scope scope) =>
        NameListing.Of(ResourceKind.SchedulingPolicy, null, request.MaxResults, request.NextToken, scope);

    /// <summary>Create's answer.</summary>
    public static CreateSchedulingPolicyResponse Answer(ScopedName policy) => new() { Name = policy.Name, Arn = Arn(policy) };

    /// <summary>A policy, as DescribeSchedulingPolicies gives it.</summary>
    public static SchedulingPolicyDetail Describe(SchedulingPolicyConfiguration policy) => new()
    {
        Name = policy.Name.Name,
        Arn = Arn(policy.Name),
        FairsharePolicy = policy.FairsharePolicy,
        Tags = policy.Tags,
    };

    /// <summary>A policy, as ListSchedulingPolicies gives it.</summary>
    public static SchedulingPolicyListing Listing(SchedulingPolicyConfiguration policy) => new() { Arn = Arn(policy.Name) };

    private static string Arn(ScopedName policy) => Arns.SchedulingPolicy(policy.Scope, policy.Name);

    private static void CheckKind(FairsharePolicy? fairShare, RawJson? quotaShare)
    {
        if (quotaShare is null)
        {
            return;
        }

        // An empty one chooses quota shares all the same: its presence is what counts.
        throw fairShare is null
            ? new BatchClientException("quotaSharePolicy: quota shares are not supported yet.")
            : new BatchClientException("A scheduling policy can have either fairsharePolicy or quotaSharePolicy");
    }

    private static FairsharePolicy InForce(FairsharePolicy policy)
    {
        if (policy.ShareDecaySeconds is < 0 or > MaxDecaySeconds)
        {
            throw new BatchClientException($"shareDecaySeconds is {policy.ShareDecaySeconds}, it must be between 0 and {MaxDecaySeconds}.");
        }

        if (policy.ComputeReservation is < 0 or > MaxReservation)
        {
            throw new BatchClientException($"computeReservation is {policy.ComputeReservation}, it must be between 0 and {MaxReservation}.");
        }

        return new()
        {
            ShareDecaySeconds = policy.ShareDecaySeconds ?? 0,
            ComputeReservation = policy.ComputeReservation ?? 0,
            ShareDistribution = InForce(policy.ShareDistribution ?? []),
        };
    }

    private static ShareAttributes[] InForce(IReadOnlyList<ShareAttributes> shares)
    {
        if (shares.Count > MaxShares)
        {
            throw new BatchClientException($"ShareDistribution size cannot be greater than {MaxShares}.");
        }

        foreach (var share in shares)
        {
            if (!ResourceNames.IsShareEntry(share.ShareIdentifier))
            {
                throw new BatchClientException("ShareIdentifier name should match a valid pattern.");
            }

            // The negation also refuses what is no number.
            if (share.WeightFactor is { } weight && !(weight is >= MinWeight and <= MaxWeight))
            {
                throw new BatchClientException("Weight factor should be between 0.0001 and 999.9999.");
            }
        }

        CheckApart([.. shares.Select(share => share.ShareIdentifier!).Order(StringComparer.Ordinal)]);
        return [.. shares.Select(share => share with { WeightFactor = share.WeightFactor ?? 1 })];
    }

    /// <summary>No share may be meant by two entries.</summary>
    private static void CheckApart(string[] ordered)
    {
        if (ordered.Zip(ordered.Skip(1)).Any(pair => pair.First == pair.Second))
        {
            throw new BatchClientException("Cannot have two or more identical shareIdentifiers.");
        }

        foreach (var prefix in ordered.Where(entry => entry.EndsWith('*')))
        {
            if (ordered.FirstOrDefault(entry => entry != prefix && entry.AsSpan().StartsWith(prefix.AsSpan(0, prefix.Length - 1), StringComparison.Ordinal)) is { } other)
            {
                throw new BatchClientException($"Share identifier {other} matches another share identifier {prefix}");
            }
        }
    }
}
