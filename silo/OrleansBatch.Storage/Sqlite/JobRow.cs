using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What the writer must know of a job's row to write it again.</summary>
internal sealed record JobRow(long Sequence, long Queue, Scope Scope, long Version, JobStatus Status, long? Rank, string? Environment, string? Node)
{
    /// <summary>The row's queue while the job is open, for the index of open jobs.</summary>
    public long? OpenQueue => Status.IsTerminal() ? null : Queue;

    public static JobRow Of(long sequence, long queue, Scope scope, long version, JobState state)
    {
        var placement = state.Status.IsPlaced() ? state.Placement : null;
        return new(
            sequence,
            queue,
            scope,
            version,
            state.Status,
            RankOf(state),
            placement is null ? null : new ScopedName(scope, placement.Environment).Key,
            placement?.NodeId);
    }

    /// <summary>Its place in the order of waiting jobs, before the sequence: 0 when tried before, else 1; null when it does not wait.</summary>
    private static long? RankOf(JobState state) => state.Status != JobStatus.Runnable ? null : state.Fence > 0 ? 0 : 1;
}
