using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Steps;

/// <summary>What the writer must know of a job's row to write it again.</summary>
internal sealed record JobRow(long Sequence, long Queue, Scope Scope, long Version, JobStatus Status, long? Rank, string? Environment, string? Node)
{
    /// <summary>Of an array's child, or a multi-node job's node: its index, and the sequence is its parent's; otherwise -1.</summary>
    public int Index { get; init; } = -1;

    /// <summary>Of an array: its size; of a multi-node job: its nodes; otherwise 0.</summary>
    public int Size { get; init; }

    /// <summary>Whether it is a multi-node job.</summary>
    public bool IsGang { get; init; }

    /// <summary>Of an array: the status of the children that have no row.</summary>
    public JobStatus Unwritten { get; init; }

    /// <summary>Whether it, or each of its children, takes consumable resources.</summary>
    public bool NeedsConsumables { get; init; }

    /// <summary>Whether each of its parts takes consumable resources: a multi-node job takes them as a whole.</summary>
    public bool PartsNeedConsumables => NeedsConsumables && !IsGang;

    /// <summary>Its last event; a child without a row: the last that it shares with the others.</summary>
    public EventMark LastEvent { get; init; }

    /// <summary>Of an array: the last event of the children that have no row.</summary>
    public EventMark UnwrittenEvent { get; init; }

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
            placement?.NodeId)
        {
            Unwritten = state.Unwritten?.Status ?? default,
        };
    }

    /// <summary>A child of this array, or a node of this job, that has no row yet.</summary>
    public JobRow UnwrittenPart(int index) => new(Sequence, Queue, Scope, Version: 0, Unwritten, Rank: null, Environment: null, Node: null)
    {
        Index = index,
        NeedsConsumables = PartsNeedConsumables,
        LastEvent = UnwrittenEvent,
    };

    /// <summary>The row after a change.</summary>
    public JobRow With(JobState state) => Of(Sequence, Queue, Scope, Version + 1, state) with
    {
        Index = Index,
        Size = Size,
        IsGang = IsGang,
        NeedsConsumables = NeedsConsumables,
        LastEvent = LastEvent,
        UnwrittenEvent = UnwrittenEvent,
    };

    /// <summary>
    /// Its place in the order of waiting jobs, before the sequence: 0 when tried before, else 1; null when it does not wait. An open
    /// array waits as long as children without rows would.
    /// </summary>
    private static long? RankOf(JobState state) =>
        state.Status == JobStatus.Runnable || (state is { Status: JobStatus.Pending, Unwritten.Status: JobStatus.Runnable })
            ? state.Fence > 0 ? 0 : 1
            : null;
}
