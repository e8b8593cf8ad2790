using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs.MultiNode;

/// <summary>A multi-node job with its nodes at one moment.</summary>
/// <param name="Job">The job.</param>
/// <param name="Nodes">Its nodes, by index.</param>
/// <param name="Main">The index of the node whose end is the job's.</param>
public sealed record Gang(JobState Job, ImmutableArray<JobState> Nodes, int Main)
{
    /// <summary>Whether an attempt is under way.</summary>
    public bool IsPlaced => Job.Status.IsPlaced();

    /// <summary>The main node.</summary>
    public JobState MainNode => Nodes[Main];

    /// <summary>
    /// Whether a node may be launched: the main one at once, the others when it runs, and none that is to be stopped.
    /// </summary>
    public bool MayLaunch(int node) =>
        Nodes[node] is { Status: JobStatus.Starting } state && !JobTransitions.NeedsStop(state)
        && (node == Main || MainNode.Status == JobStatus.Running);

    /// <summary>The nodes that may be launched now and could not before: the others, when the main node runs.</summary>
    public IEnumerable<int> NewlyLaunchable(Gang before) =>
        Enumerable.Range(0, Nodes.Length).Where(node => node != Main && MayLaunch(node) && !before.MayLaunch(node));

    /// <summary>The nodes whose processes are to be stopped from now on.</summary>
    public IEnumerable<int> NewlyStopped(Gang before) =>
        Enumerable.Range(0, Nodes.Length).Where(node => JobTransitions.NeedsStop(Nodes[node]) && !JobTransitions.NeedsStop(before.Nodes[node]));
}

/// <summary>What came of a multi-node job to which something happened.</summary>
/// <param name="Gang">The job and its nodes now.</param>
/// <param name="Job">The job's own move.</param>
/// <param name="Nodes">By index: the moves of the nodes.</param>
public sealed record GangMove(Gang Gang, JobMove Job, ImmutableArray<JobMove> Nodes);

/// <summary>Decides for a multi-node job and all its nodes at once: one step is all of it.</summary>
/// <remarks>
/// The main node starts first; the others when it runs. Its end is the job's: the others are stopped, and when the last process is gone the job has SUCCEEDED or
/// FAILED with the main node, or all nodes begin anew. What becomes of another node changes nothing else.
/// Source: AWS Batch user guide, "Multi-node parallel jobs", "Job life cycle".
/// </remarks>
public static class GangMoves
{
    /// <summary>Something happens to the whole job, and thereby to each node that has a row, as all have from the first attempt on: CancelJob, TerminateJob, what it waited for, the end of its queue.</summary>
    /// <remarks>What would stop it comes too late when the main node has succeeded: the others are being stopped, and the result stands.</remarks>
    public static GangMove Happen(Gang gang, RetryStrategy strategy, ImmutableArray<JobEvent> happened, DateTimeOffset now)
    {
        var inTime = gang.IsPlaced && gang.MainNode.Status == JobStatus.Succeeded ? happened.RemoveAll(each => each is JobEvent.Terminated or JobEvent.QueueDeleted) : happened;
        return Settle(new Folding(gang, strategy, now).ToJob(inTime).ToNodes(_ => gang.Job.Fence > 0 ? inTime.RemoveAll(IsOfJobAlone) : []));
    }

    /// <summary>Every node gets its place: an attempt begins.</summary>
    /// <param name="gang">The job and its nodes.</param>
    /// <param name="strategy">The strategy in force.</param>
    /// <param name="placements">By index, one for each node.</param>
    /// <param name="now">The time.</param>
    public static GangMove Place(Gang gang, RetryStrategy strategy, ImmutableArray<JobPlacement> placements, DateTimeOffset now) =>
        new Folding(gang, strategy, now).ToNodes(node => [new JobEvent.Placed(placements[node])]).ToJob([new JobEvent.GangPlaced()]).Move();

    /// <summary>Something happens to one node: what its agent says, or its environment.</summary>
    public static GangMove HappenToNode(Gang gang, RetryStrategy strategy, int node, ImmutableArray<JobEvent> happened, DateTimeOffset now) =>
        Settle(new Folding(gang, strategy, now).ToNode(node, happened));

    private static GangMove Settle(Folding folding)
    {
        var gang = folding.Gang;
        if (!gang.IsPlaced)
        {
            return folding.Move();
        }

        var main = gang.MainNode;
        var isMainOver = main.Placement is null;
        if ((isMainOver ? main.Attempts[^1].StartedAt : main.Placement!.StartedAt) is { } startedAt)
        {
            folding = folding.ToJob([new JobEvent.MainStarted(startedAt)]);
        }

        if (isMainOver)
        {
            folding = folding.ToNodes(_ => [new JobEvent.MainNodeEnded()]);
            if (folding.Gang.Nodes.All(node => node.Placement is null))
            {
                var attempt = main.Attempts[^1];
                folding = folding.ToJob([new JobEvent.GangEnded(attempt, KindOf(main, attempt))]);
                if (folding.Gang.Job.Status == JobStatus.Runnable)
                {
                    folding = folding.ToNodes(_ => [new JobEvent.TriedAgain()]);
                }
            }
        }

        return folding.Move();
    }

    /// <summary>Only what decides about another attempt is told apart; a stored attempt says the rest itself.</summary>
    private static AttemptEndKind KindOf(JobState main, JobAttempt attempt) =>
        main.Status == JobStatus.Succeeded ? AttemptEndKind.Exited
        : attempt.StatusReason == StatusReasons.TimedOut ? AttemptEndKind.TimedOut
        : attempt.StartedAt is null ? AttemptEndKind.NotStarted
        : attempt.ExitCode == 0 ? AttemptEndKind.HostLost
        : AttemptEndKind.Exited;

    private static bool IsOfJobAlone(JobEvent happened) =>
        happened is JobEvent.Accepted or JobEvent.DependenciesMet or JobEvent.DependencyFailed or JobEvent.Blocked or JobEvent.Unblocked or JobEvent.Retagged;

    /// <summary>The events of a step as they are folded into the job and its nodes.</summary>
    private sealed record Folding(Gang Gang, RetryStrategy Strategy, DateTimeOffset Now)
    {
        private JobMove Job { get; init; } = new(Gang.Job, [], []);

        private ImmutableArray<JobMove> Nodes { get; init; } = [.. Gang.Nodes.Select(node => new JobMove(node, [], []))];

        public GangMove Move() => new(Gang, Job, Nodes);

        public Folding ToJob(ImmutableArray<JobEvent> happened)
        {
            var move = JobChanges.Fold(Gang.Job, Strategy, happened, Now);
            return this with
            {
                Gang = Gang with { Job = move.State },
                Job = new(move.State, Job.Changes.AddRange(move.Changes), Job.UnwrittenChanges.AddRange(move.UnwrittenChanges)),
            };
        }

        public Folding ToNode(int node, ImmutableArray<JobEvent> happened) => ToNodes(other => other == node ? happened : []);

        public Folding ToNodes(Func<int, ImmutableArray<JobEvent>> happened)
        {
            var states = Gang.Nodes.ToBuilder();
            var moves = Nodes.ToBuilder();
            for (var node = 0; node < states.Count; node++)
            {
                if (happened(node) is { IsEmpty: false } events)
                {
                    var move = JobChanges.Fold(states[node], Strategy, events, Now);
                    states[node] = move.State;
                    moves[node] = new(move.State, moves[node].Changes.AddRange(move.Changes), []);
                }
            }

            return this with { Gang = Gang with { Nodes = states.MoveToImmutable() }, Nodes = moves.MoveToImmutable() };
        }
    }
}
