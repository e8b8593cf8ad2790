using System.Collections.Immutable;

namespace OrleansBatch.Core.Scheduling;

/// <summary>What a round decided.</summary>
/// <param name="Placements">Which jobs start now, and where; in the queue's order.</param>
/// <param name="Blocked">The job that fits nowhere now and holds up the rest; null when none does.</param>
public sealed record SchedulingPlan(ImmutableArray<PlannedPlacement> Placements, BlockedJob? Blocked);

/// <summary>A job's place.</summary>
public sealed record PlannedPlacement(string JobId, string Environment);

/// <summary>The job at the head, and why it was not placed.</summary>
public sealed record BlockedJob(string JobId, UnplacedReason Reason);
