using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.SchedulingPolicies;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.SchedulingPolicies;

/// <summary>One scheduling policy, and which queues have it. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.ISchedulingPolicyGrain")]
public interface ISchedulingPolicyGrain : IGrainWithStringKey
{
    /// <summary>Its configuration and its queues; null when it does not exist.</summary>
    [Alias("Read"), ReadOnly]
    Task<SchedulingPolicyReading?> Read(CancellationToken cancellationToken);

    /// <summary>Creates the policy. The same invocation again gets the first answer, also when the policy has changed or gone since.</summary>
    [Alias("Create")]
    Task<CreateSchedulingPolicyResponse> Create(CreateSchedulingPolicyRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes the policy, and wakes its queues.</summary>
    [Alias("Update")]
    Task Update(UpdateSchedulingPolicyRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes the policy. Those of its queues that were seen not to use it any more are named; any other refuses it.</summary>
    [Alias("Delete")]
    Task Delete(ImmutableArray<string> detachedQueues, CancellationToken cancellationToken);

    /// <summary>Notes that a queue uses it. Refused when it does not exist.</summary>
    [Alias("Attach")]
    Task Attach(string queueKey, CancellationToken cancellationToken);

    /// <summary>Notes that a queue does not use it any more.</summary>
    [Alias("Detach")]
    Task Detach(string queueKey, CancellationToken cancellationToken);

    /// <summary>Changes the policy's tags; false when it does not exist.</summary>
    [Alias("ChangeTags")]
    Task<bool> ChangeTags(TagChange change, CancellationToken cancellationToken);
}

/// <summary>A policy and who uses it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.SchedulingPolicyReading")]
public sealed record SchedulingPolicyReading
{
    /// <summary>As stored.</summary>
    [Id(0)] public required SchedulingPolicyConfiguration Configuration { get; init; }

    /// <summary>Keys of the queues that use it.</summary>
    [Id(1)] public required ImmutableArray<string> Queues { get; init; }
}
