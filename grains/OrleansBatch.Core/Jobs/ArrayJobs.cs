using System.Collections.Immutable;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Array jobs: one parent that only counts, and children that are jobs like any other.</summary>
/// <remarks>Source: AWS Batch user guide, "Array jobs".</remarks>
public static class ArrayJobs
{
    private const int MinimumSize = 2;
    private const int MaximumSize = 10_000;

    /// <summary>Checks what a submission says of an array.</summary>
    /// <exception cref="BatchClientException">The size is out of range.</exception>
    public static void Check(ArrayProperties? array)
    {
        if (array?.Size is < MinimumSize or > MaximumSize)
        {
            throw new BatchClientException($"arrayProperties.size must be between {MinimumSize} and {MaximumSize}, got {array.Size}.");
        }
    }

    /// <summary>The state of what a job's queue places: an array's children that have no row, or else the job itself.</summary>
    public static JobState Schedulable(JobState job) => job.Role == JobRole.Gang ? job : job.Unwritten ?? job;

    /// <summary>A child or node that has no row yet, as its parent's row says it is; null when the parent has no such one.</summary>
    public static JobRecord? Child(JobRecord parent, int index) => parent.State.Unwritten is { } state && index >= 0 && index < MultiNodeJobs.PartsOf(parent.Spec)
        ? Child(parent, index, version: 0, state)
        : null;

    /// <summary>A child or node with a row.</summary>
    public static JobRecord Child(JobRecord parent, int index, long version, JobState state) => new()
    {
        JobId = JobPartIds.Part(parent.JobId, index, isNode: parent.Spec.Nodes is not null),
        Scope = parent.Scope,
        Sequence = parent.Sequence,
        Version = version,
        CreatedAt = parent.CreatedAt,
        Spec = parent.Spec,
        State = state,
        Child = new() { ParentId = parent.JobId, Index = index, ParentVersion = parent.Version },
    };

    /// <summary>What an array's parent is told when its counts are full; null while a child is open.</summary>
    public static JobEvent.ChildrenEnded? Ended(ArrayCounts children, DateTimeOffset now) => children.IsOver
        ? new(children.Of(JobStatus.Failed) == 0, children.FirstStartedAt, children.LastStoppedAt ?? now)
        : null;

    /// <summary>Which children with rows an event of the parent reaches; those without have it from the parent's row.</summary>
    public static ImmutableArray<JobStatus> Reached(JobEvent happened) => happened switch
    {
        JobEvent.Cancelled or JobEvent.Terminated or JobEvent.QueueDeleted =>
            [JobStatus.Pending, JobStatus.Runnable, JobStatus.Starting, JobStatus.Running],
        JobEvent.DependencyFailed => [JobStatus.Pending],
        _ => [],
    };

    /// <summary>What listings and descriptions show of an array.</summary>
    public static ArrayPropertiesDetail? Describe(int? size, ArrayCounts? children, int? index)
    {
        if (index is not null)
        {
            return new() { Index = index };
        }

        return size is null ? null : new()
        {
            Size = size,
            StatusSummary = children is null ? null : Enum.GetValues<JobStatus>().ToDictionary(JobStatuses.ToWire, children.Of),
            StatusSummaryLastUpdatedAt = children?.UpdatedAt.ToUnixTimeMilliseconds(),
        };
    }
}
