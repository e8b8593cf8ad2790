using OrleansBatch.Model.Jobs;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Simulation.Properties;

/// <summary>The life cycle once more, from the specification: what one step may make of a job. It shares nothing with the table that it watches.</summary>
internal static class LegalMoves
{
    /// <summary>What a new job or array, or a child without a row, may be.</summary>
    public static bool MayBegin(JobState state, bool isArray) => state.Status is Pending or Failed || (state.Status == Runnable && !isArray);

    /// <summary>Why the step is not allowed; null when it is.</summary>
    public static string? Problem(JobState before, JobState after, bool isArray)
    {
        if (!IsAllowed(before.Status, after.Status, isArray))
        {
            return "no such move";
        }

        var begins = after.Status is Starting && before.Status == Runnable;
        var ends = before.Status is Starting or Running && after.Status is not (Starting or Running);
        return (after.Fence - before.Fence != (begins ? 1 : 0), after.Attempts.Length - before.Attempts.Length != (ends ? 1 : 0)) switch
        {
            (true, _) => $"fence {before.Fence} became {after.Fence}",
            (_, true) => $"{before.Attempts.Length} attempts became {after.Attempts.Length}",
            _ when after.Placement is null == (after.Status is Starting or Running) => "a place without an attempt, or an attempt without a place",
            _ when ends && after.Status == Runnable && (after.IsCancelled || after.IsTerminated) => "tried again after a cancel",
            _ when after.Status is Succeeded or Failed && after.StoppedAt is null => "ended without a time",
            _ => null,
        };
    }

    private static bool IsAllowed(JobStatus before, JobStatus after, bool isArray) => before == after || (isArray
        ? (before, after) is (Pending, Succeeded or Failed)
        : (before, after) is
            (Pending, Runnable or Failed)
            or (Runnable, Starting or Failed)
            or (Starting, Running or Runnable or Succeeded or Failed)
            or (Running, Runnable or Succeeded or Failed));
}
