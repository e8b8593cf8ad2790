using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Scaling;

namespace OrleansBatch.Core.Scheduling;

/// <summary>What a round decided.</summary>
/// <param name="Placements">Which jobs start now, and where; in the queue's order.</param>
/// <param name="Blocked">The job that fits nowhere now and holds up the rest; null when none does.</param>
public sealed record SchedulingPlan(ImmutableArray<PlannedPlacement> Placements, BlockedJob? Blocked);

/// <summary>A job's place.</summary>
public sealed record PlannedPlacement(string JobId, string Environment);

/// <summary>The job at the head, and why it was not placed.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Reason">Why.</param>
/// <param name="InstanceType">With <see cref="UnplacedReason.HostsNotToBeHad"/>: the type of which there are none.</param>
public sealed record BlockedJob(string JobId, UnplacedReason Reason, string? InstanceType = null)
{
    /// <summary>The job's status reason while it is stuck; null when its queue is merely busy.</summary>
    public string? StatusReason => InstanceType is { } type ? Reasons.InsufficientCapacity(type) : Reason.StatusReason();
}
