using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Stores;

/// <summary>The rows of all jobs: what the grains write is what DescribeJobs and ListJobs read.</summary>
/// <remarks>
/// Nothing is answered before it is durable. Steps of many callers are committed together. A step is whole or not at all,
/// and one that cannot be done fails alone. When a commit's reply is lost the rows are read back before anyone is answered.
/// </remarks>
public interface IJobStore
{
    /// <summary>Commits one step.</summary>
    /// <returns>What became of it: a refusal is an answer, not an exception.</returns>
    /// <exception cref="JobStoreException">The store could not tell, or could not write. Nothing of the step was done, or its outcome is unknown and the message says so.</exception>
    Task<StepResult> CommitAsync(JobStep step, CancellationToken cancellationToken);

    /// <summary>The recorded answer of an earlier call of this invocation; null when there was none.</summary>
    Task<string?> ReadInvocationAsync(string key, CancellationToken cancellationToken);

    /// <summary>One job; null when there is none.</summary>
    ValueTask<JobRecord?> ReadAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// A job that may begin its first attempt, as it was inserted through this store a short while ago; null when that is not at hand. Another store of the
    /// same database may have written it since: it is good for a step, whose commit asks for the version, and for nothing else.
    /// </summary>
    JobRecord? FindInserted(string jobId) => null;

    /// <summary>Those of the jobs that exist in the scope, in no particular order.</summary>
    Task<IReadOnlyList<JobRecord>> ReadManyAsync(Scope scope, IReadOnlyCollection<string> jobIds, CancellationToken cancellationToken);

    /// <summary>A page of a queue's jobs, by index.</summary>
    /// <exception cref="FormatException">The cursor is none of this store's.</exception>
    Task<JobPage> ListAsync(JobListing listing, CancellationToken cancellationToken);

    /// <summary>
    /// A page of an array's children, or of a multi-node job's nodes, in one status, those without rows among them, by index; null when the scope has no such
    /// array or job.
    /// </summary>
    Task<ChildPage?> ListChildrenAsync(ChildListing listing, CancellationToken cancellationToken);

    /// <summary>An array with the statuses of its children; null when there is no such array.</summary>
    Task<ArrayReading?> ReadArrayAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>A multi-node job with all its nodes by index, at one moment; null when there is no such job.</summary>
    Task<GangReading?> ReadGangAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>
    /// What a job still has to look at, because a job that it waited for has ended. At most <paramref name="limit"/>.
    /// </summary>
    Task<IReadOnlyList<OwedLook>> ReadOwedLooksAsync(string jobId, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// A queue's RUNNABLE jobs in their order: those tried before first, then by sequence and index; at most <paramref name="limit"/>
    /// after the given one. An array whose children without rows are RUNNABLE is among them as one.
    /// </summary>
    Task<IReadOnlyList<RunnableJob>> ReadRunnableAsync(ScopedName queue, RunnableJob? after, int limit, CancellationToken cancellationToken);

    /// <summary>What attempts of a queue's jobs with shares have used that ended after a time, in the order of their ends.</summary>
    Task<IReadOnlyList<ShareUse>> ReadShareUseAsync(ScopedName queue, DateTimeOffset after, CancellationToken cancellationToken);

    /// <summary>A queue's SUBMITTED and PENDING jobs with shares.</summary>
    Task<IReadOnlyList<PendingShare>> ReadPendingSharesAsync(ScopedName queue, CancellationToken cancellationToken);

    /// <summary>Jobs of a queue that have not ended, in the order of their sequence; at most <paramref name="limit"/> with a greater sequence.</summary>
    Task<IReadOnlyList<OpenJob>> ReadOpenAsync(ScopedName queue, long afterSequence, int limit, CancellationToken cancellationToken);

    /// <summary>STARTING and RUNNING jobs placed on the environment.</summary>
    Task<IReadOnlyList<PlacedJob>> ReadPlacedInEnvironmentAsync(ScopedName environment, CancellationToken cancellationToken);

    /// <summary>STARTING and RUNNING jobs placed on the node.</summary>
    Task<IReadOnlyList<PlacedJob>> ReadPlacedOnNodeAsync(string nodeId, CancellationToken cancellationToken);

    /// <summary>Which queues, environments and nodes have unfinished work.</summary>
    Task<UnfinishedWork> ReadUnfinishedWorkAsync(CancellationToken cancellationToken);

    /// <summary>Takes the next epoch of a key, 1 for the first: older ones are stale from then on.</summary>
    Task<long> TakeEpochAsync(string key, CancellationToken cancellationToken);
}

/// <summary>All that belongs to one step of one or several jobs.</summary>
public sealed record JobStep
{
    /// <summary>New rows.</summary>
    public ImmutableArray<NewJob> Inserts { get; init; } = [];

    /// <summary>Changes of rows.</summary>
    public ImmutableArray<JobWrite> Writes { get; init; } = [];

    /// <summary>The client's call that this step answers, recorded with it.</summary>
    public InvocationRecord? Invocation { get; init; }

    /// <summary>The epoch that must still be the newest of its key.</summary>
    public EpochGuard? Epoch { get; init; }

    /// <summary>What happens to an array's children that have rows, in the same step as the change of their parent's row.</summary>
    public ArraySweep? Sweep { get; init; }

    /// <summary>Looks that were taken with this step and are owed no more, see <see cref="IJobStore.ReadOwedLooksAsync"/>.</summary>
    public OwedLooks? Looked { get; init; }
}

/// <summary>A row to insert; the store gives its sequence and version 1.</summary>
public sealed record NewJob(string JobId, Scope Scope, DateTimeOffset CreatedAt, JobSpec Spec, JobState State)
{
    /// <summary>Whom to tell when what ends: written with the row. What has ended already is owed at once.</summary>
    public ImmutableArray<Wait> Waits { get; init; } = [];

    /// <summary>Its first events. The store numbers a job's events from 1, in order and without gaps.</summary>
    public ImmutableArray<JobChange> Changes { get; init; } = [];

    /// <summary>Of an array: the first events that each of its children has.</summary>
    public ImmutableArray<JobChange> UnwrittenChanges { get; init; } = [];
}

/// <summary>That a job waits for another.</summary>
/// <param name="JobId">The other; ignored for <see cref="WaitKind.Sequence"/>.</param>
/// <param name="Kind">How.</param>
public sealed record Wait(string JobId, WaitKind Kind);

/// <summary>How a job waits for another.</summary>
public enum WaitKind
{
    /// <summary>The whole job for the whole other, or for one child of it.</summary>
    Whole,

    /// <summary>Each child of an array for the other array's child of the same index.</summary>
    EachToEach,

    /// <summary>Each child of an array for the one before it.</summary>
    Sequence,
}

/// <summary>What happens to an array's children that have rows.</summary>
/// <param name="ParentId">The array.</param>
/// <param name="In">Children in these statuses.</param>
/// <param name="Next">What becomes of a child, and its events; the same state: nothing.</param>
public sealed record ArraySweep(string ParentId, ImmutableArray<JobStatus> In, Func<JobState, JobMove> Next);

/// <summary>Looks that are owed no more; one that became due again since it was read stays.</summary>
/// <param name="JobId">Whose.</param>
/// <param name="Looks">As read.</param>
public sealed record OwedLooks(string JobId, IReadOnlyList<OwedLook> Looks);

/// <summary>A look that a job owes.</summary>
/// <param name="Child">For a single job and for a whole array -1, for one child of an array its index.</param>
/// <param name="Stamp">Another one each time that it becomes due.</param>
public sealed record OwedLook(int Child, long Stamp);

/// <summary>A change of a row: only if it still has that version, which then grows by one.</summary>
/// <param name="JobId">Which.</param>
/// <param name="ExpectedVersion">The version that it must have; 0: a child of an array that has no row yet.</param>
/// <param name="State">What it becomes.</param>
/// <param name="EndedLog">The log stream of the attempt that ends with this; null: none does, or it never ran.</param>
/// <param name="ParentVersion">Of a child: the version that its parent's row must still have; null: any.</param>
public sealed record JobWrite(string JobId, long ExpectedVersion, JobState State, LogStreamRow? EndedLog = null, long? ParentVersion = null)
{
    /// <summary>The log streams of its other containers, when it had several.</summary>
    public ImmutableArray<LogStreamRow> OtherEndedLogs { get; init; } = [];

    /// <summary>What the attempt that ends with this has used of its share; null: none ends, or it has no share.</summary>
    public ShareUse? Used { get; init; }

    /// <summary>The host of its own of the attempt that ends with this; null: none ends, or it was not on Fargate.</summary>
    public HostRow? EndedHost { get; init; }

    /// <summary>
    /// What the attempt that begins with this takes of consumable resources, all of it or the step is refused; of a job that needs none nothing is
    /// taken. When the attempt is over, with the write that leaves STARTING or RUNNING, the store gives back by itself what is replenishable.
    /// </summary>
    public ImmutableArray<ConsumableClaim> Claims { get; init; } = [];

    /// <summary>The events that this step makes, written in the same transaction.</summary>
    public ImmutableArray<JobChange> Changes { get; init; } = [];

    /// <summary>Of an array's parent: events that each child has that has no row now. They are one row, whatever their number.</summary>
    public ImmutableArray<JobChange> UnwrittenChanges { get; init; } = [];
}

/// <summary>The answer to a client's call, kept for its retries.</summary>
/// <param name="Key">See <see cref="Invocation"/>.</param>
/// <param name="Answer">The answer's JSON.</param>
/// <param name="At">When; kept at least 10 minutes from then.</param>
public sealed record InvocationRecord(string Key, string Answer, DateTimeOffset At);

/// <summary>An epoch that must still be the newest of its key.</summary>
public sealed record EpochGuard(string Key, long Epoch);

/// <summary>What became of a step.</summary>
public enum StepOutcome
{
    /// <summary>Durable.</summary>
    Committed,

    /// <summary>A row had another version, or a job id was taken: nothing was done.</summary>
    VersionConflict,

    /// <summary>A newer epoch had been taken: nothing was done.</summary>
    StaleEpoch,

    /// <summary>The invocation had been answered before: nothing was done.</summary>
    AlreadyInvoked,

    /// <summary>There is not enough left of a consumable resource that a write takes: nothing was done.</summary>
    Exhausted,
}

/// <summary>What became of a step.</summary>
/// <param name="Outcome">Whether it was done.</param>
/// <param name="Sequences">The sequences of the inserted rows, in their order.</param>
/// <param name="RecordedAnswer">With <see cref="StepOutcome.AlreadyInvoked"/>: the first answer.</param>
public sealed record StepResult(StepOutcome Outcome, ImmutableArray<long> Sequences = default, string? RecordedAnswer = null)
{
    /// <summary>Jobs that a job of this step was the last, or one, to wait for: they look. Owed until they have.</summary>
    public ImmutableArray<string> Owed { get; init; } = [];

    /// <summary>Arrays whose last child ended with this step.</summary>
    public ImmutableArray<string> FullArrays { get; init; } = [];

    /// <summary>Children that the sweep changed.</summary>
    public ImmutableArray<SweptChild> Swept { get; init; } = [];
}

/// <summary>A child that a sweep changed.</summary>
public sealed record SweptChild(int Index, JobStatus Before, JobState After);

/// <summary>A job that waits in its queue: about a hundred bytes.</summary>
/// <param name="Sequence">Its place; a child's is its parent's.</param>
/// <param name="JobId">Its id.</param>
/// <param name="Needs">What it needs; an array: each child.</param>
/// <param name="TriedBefore">Whether it has had an attempt.</param>
/// <param name="HasStatusReason">Whether its row says why it waits.</param>
/// <param name="Index">Of an array's child: its index; otherwise -1.</param>
/// <param name="ArraySize">Of an array whose children without rows wait: its size; otherwise 0.</param>
public sealed record RunnableJob(
    long Sequence, string JobId, ResourceNeeds Needs, bool TriedBefore, bool HasStatusReason, int Index = -1, int ArraySize = 0)
{
    /// <summary>Its share; null: its queue goes first in, first out.</summary>
    public string? Share { get; init; }

    /// <summary>Inside its share: higher first.</summary>
    public int Priority { get; init; }

    /// <summary>What each attempt takes of consumable resources; null: nothing.</summary>
    public IReadOnlyList<ConsumableNeed>? Consumables { get; init; }

    /// <summary>Of a multi-node job: its hosts, which count instead of <see cref="Needs"/>; null of other jobs.</summary>
    public GangNeeds? Gang { get; init; }
}

/// <summary>A multi-node job and its nodes, at one moment.</summary>
/// <param name="Job">The job.</param>
/// <param name="Nodes">By index.</param>
public sealed record GangReading(JobRecord Job, ImmutableArray<JobRecord> Nodes);

/// <summary>An array and its children, at one moment.</summary>
/// <param name="Parent">The parent, with its counts.</param>
/// <param name="Rows">By index: the status of a child that has a row; null of one that is as the parent's row says.</param>
public sealed record ArrayReading(JobRecord Parent, IReadOnlyList<JobStatus?> Rows)
{
    /// <summary>A child's status.</summary>
    public JobStatus StatusOf(int index) => Rows[index] ?? Parent.State.Unwritten!.Status;
}

/// <summary>Asks for a page of an array's children.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="ParentId">The array, or the multi-node job.</param>
/// <param name="AreNodes">Whether it is a multi-node job.</param>
/// <param name="Status">In this status.</param>
/// <param name="AfterIndex">The last index on the page before; -1 for the first.</param>
/// <param name="Limit">Children at most.</param>
public sealed record ChildListing(Scope Scope, string ParentId, bool AreNodes, JobStatus Status, int AfterIndex, int Limit);

/// <summary>A page of an array's children.</summary>
/// <param name="Jobs">The children.</param>
/// <param name="IsLast">Whether there are no more.</param>
public sealed record ChildPage(IReadOnlyList<JobRecord> Jobs, bool IsLast);

/// <summary>A job that has not ended.</summary>
public sealed record OpenJob(long Sequence, string JobId, JobStatus Status);

/// <summary>A job that holds capacity.</summary>
/// <param name="JobId">Its id.</param>
/// <param name="Queue">Its queue.</param>
/// <param name="Needs">What it holds.</param>
/// <param name="State">Its state.</param>
/// <param name="Share">Its share; null: its queue goes first in, first out.</param>
public sealed record PlacedJob(string JobId, ScopedName Queue, ResourceNeeds Needs, JobState State, string? Share = null)
{
    /// <summary>Of a node of a multi-node job: what all nodes need together; null of other jobs.</summary>
    public ResourceNeeds? OfGang { get; init; }
}

/// <summary>What an attempt of a job with a share has used; kept as long as a share's use counts.</summary>
/// <param name="Share">Whose.</param>
/// <param name="VcpuMillis">Thousandths of a vCPU.</param>
/// <param name="From">Since when.</param>
/// <param name="To">Until when.</param>
public sealed record ShareUse(string Share, long VcpuMillis, DateTimeOffset From, DateTimeOffset To);

/// <summary>A share with a job that waits for others.</summary>
public sealed record PendingShare(long Sequence, string Share);

/// <summary>Keys of what has unfinished work.</summary>
/// <param name="Queues">Queues with RUNNABLE jobs.</param>
/// <param name="Environments">Environments with STARTING or RUNNING jobs.</param>
/// <param name="Nodes">Ids of nodes with STARTING or RUNNING jobs.</param>
/// <param name="Dependents">Ids of jobs that owe a look at what they wait for.</param>
/// <param name="FullArrays">Ids of open arrays whose children have all ended.</param>
public sealed record UnfinishedWork(
    IReadOnlyList<ScopedName> Queues,
    IReadOnlyList<ScopedName> Environments,
    IReadOnlyList<string> Nodes,
    IReadOnlyList<string> Dependents,
    IReadOnlyList<string> FullArrays);

/// <summary>Asks for a page of a queue's jobs.</summary>
public sealed record JobListing
{
    /// <summary>The queue.</summary>
    public required ScopedName Queue { get; init; }

    /// <summary>Which of its jobs; the kind also says in which order.</summary>
    public required JobFilter Filter { get; init; }

    /// <summary>The cursor of the page before; null for the first. Opaque to everyone but the store.</summary>
    public string? After { get; init; }

    /// <summary>Rows at most.</summary>
    public required int Limit { get; init; }
}

/// <summary>Which jobs of a queue.</summary>
public abstract record JobFilter
{
    private JobFilter()
    {
    }

    /// <summary>In this status, newest first.</summary>
    public sealed record InStatus(JobStatus Status) : JobFilter;

    /// <summary>With this name, whatever the case, or one that begins so: by name, then newest first.</summary>
    public sealed record Named(string Name, bool IsPrefix) : JobFilter;

    /// <summary>Of this definition, of all revisions or one, or of any whose name begins so: newest first. Case-sensitive.</summary>
    public sealed record OfDefinition(string Name, int? Revision, bool IsPrefix) : JobFilter;

    /// <summary>In this share, and in this status; null: in any. Newest first.</summary>
    public sealed record InShare(string Share, JobStatus? Status) : JobFilter;

    /// <summary>Created before this time, newest first.</summary>
    public sealed record CreatedBefore(DateTimeOffset Time) : JobFilter;

    /// <summary>Created after this time, newest first.</summary>
    public sealed record CreatedAfter(DateTimeOffset Time) : JobFilter;
}

/// <summary>A job without what listings do not show.</summary>
public sealed record JobListItem
{
    /// <summary>Id.</summary>
    public required string JobId { get; init; }

    /// <summary>Name.</summary>
    public required string JobName { get; init; }

    /// <summary>The job definition's name.</summary>
    public required string DefinitionName { get; init; }

    /// <summary>The job definition's revision.</summary>
    public required int DefinitionRevision { get; init; }

    /// <summary>When it was accepted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>What it needs.</summary>
    public required ResourceNeeds Needs { get; init; }

    /// <summary>What changes.</summary>
    public required JobState State { get; init; }

    /// <summary>Of an array, or a multi-node job: its children, or nodes, by status; null for other jobs.</summary>
    public ArrayCounts? Children { get; init; }

    /// <summary>Whether it is a multi-node job.</summary>
    public bool IsGang { get; init; }

    /// <summary>Its share; null: its queue goes first in, first out.</summary>
    public string? Share { get; init; }
}

/// <summary>A page of jobs.</summary>
/// <param name="Jobs">The jobs.</param>
/// <param name="Next">Cursor for the next page; null on the last.</param>
public sealed record JobPage(IReadOnlyList<JobListItem> Jobs, string? Next);

/// <summary>The store failed. The caller may try again: every step is safe to repeat.</summary>
[GenerateSerializer, Alias("OrleansBatch.JobStoreException")]
public sealed class JobStoreException(string message, Exception? inner = null) : Exception(message, inner);
