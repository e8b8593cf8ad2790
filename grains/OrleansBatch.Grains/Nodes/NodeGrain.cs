using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Nodes;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Logs;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>Carries orders to an agent and its reports to the jobs, and says when its node is lost. Owns no job and decides nothing about one.</summary>
/// <remarks>
/// Orders are in no list: they follow from the jobs' rows. What an agent does not confirm is read from them again, and given over whichever connection is the newest.
/// </remarks>
[Reentrant, KeepAlive]
internal sealed partial class NodeGrain(
    INodeStore rows,
    IJobStore store,
    Post post,
    IShippedLogStore shippedLogs,
    NodeLeaseOptions options,
    ShippedLogOptions shipping,
    IFailpoints failpoints,
    TimeProvider time,
    ILogger<NodeGrain> logger) : Grain, INodeGrain
{
    private readonly OneAtATime _changes = new();
    private Task? _settling;

    private string NodeId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Take(await rows.ReadAsync(NodeId, cancellationToken));
        WatchLease();
    }

    public async Task<NodeWelcome> Connect(AgentHello hello, INodeConnection connection, CancellationToken cancellationToken)
    {
        var refused = await _changes.RunAsync(() => BeginSessionAsync(hello, connection, cancellationToken));
        if (refused is not null)
        {
            LogRefused(NodeId, hello.Incarnation, refused);
            return new() { Refused = refused };
        }

        var session = _session;
        await CompareAsync(hello, session, cancellationToken);

        // Not before: what is placed from now on the agent knows nothing of.
        await AnnounceAsync(cancellationToken);
        return new() { Session = session };
    }

    public async Task Launch(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken)
    {
        var current = await OfThisIncarnationAsync(orders, cancellationToken);
        if (!current.IsEmpty)
        {
            var complete = await WithOperatorsVariablesAsync(current, cancellationToken);
            _sentMeanwhile?.UnionWith(complete.Select(order => order.Attempt));
            await SendAsync(connection => connection.Launch(_session, complete));
        }
    }

    public Task Stop(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken) => SendAsync(connection => connection.Stop(_session, orders));

    public Task Settle(CancellationToken cancellationToken)
    {
        // The keepers of several silos may come at once.
        if (_settling is not { IsCompleted: false })
        {
            _settling = SettleAsync(cancellationToken);
        }

        return _settling;
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        await LookAtLeaseAsync();
        if (_row is not { } row)
        {
            return;
        }

        var placed = await store.ReadPlacedOnNodeAsync(NodeId, cancellationToken);
        TellLost(placed);
        if (row.State == NodeState.Lost)
        {
            return;
        }

        await LeaveIfEmptyAsync(placed.Any(job => !IsOver(job.State.Placement!.Incarnation)));
        Announce();
        await OrderAgainAsync(placed, known: null, cancellationToken);
    }

    /// <summary>What the agent has is compared with what the rows say.</summary>
    private async Task CompareAsync(AgentHello hello, long session, CancellationToken cancellationToken)
    {
        // What is sent from now on is in the agent's hands, though its hello does not know it.
        var meanwhile = _sentMeanwhile = [];
        try
        {
            var placed = await store.ReadPlacedOnNodeAsync(NodeId, cancellationToken);
            if (_session == session)
            {
                await OrderAgainAsync(placed, new(hello, meanwhile), cancellationToken);
            }

            // Or else: what a former session had says nothing of what runs now.
        }
        finally
        {
            if (ReferenceEquals(_sentMeanwhile, meanwhile))
            {
                _sentMeanwhile = null;
            }
        }
    }

    /// <summary>Gives again what the rows ask for, and says which attempts are lost.</summary>
    /// <param name="placed">What the rows say.</param>
    /// <param name="known">What the agent has said that it has; null: it was not asked, so of what is RUNNING nothing is known to be lost.</param>
    /// <param name="cancellationToken">The caller's.</param>
    private async Task OrderAgainAsync(IReadOnlyList<PlacedJob> placed, KnownAttempts? known, CancellationToken cancellationToken)
    {
        List<AttemptReport> lost = [];
        List<StopOrder> stops = [];
        List<LaunchOrder> launches = [];
        foreach (var job in placed)
        {
            var attempt = new AttemptId(job.JobId, job.State.Fence);
            var isKnown = known?.Has(attempt) == true;
            if (known is null && IsOver(job.State.Placement!.Incarnation))
            {
                // Told already.
                continue;
            }

            if (IsOver(job.State.Placement!.Incarnation) || (known is not null && !isKnown && job.State.Status == JobStatus.Running))
            {
                lost.Add(LostReport(attempt, job));
            }
            else if (JobTransitions.NeedsStop(job.State))
            {
                // For an attempt that was never launched this is its refusal.
                stops.Add(new(attempt));
            }
            else if (!isKnown && job.State.Status == JobStatus.Starting && await Jobs(job.JobId).Relaunch(attempt, cancellationToken) is { } order)
            {
                // The agent starts a fence once; one that is on its way stays as it is.
                launches.Add(order);
            }
        }

        if (known is not null)
        {
            // What the agent has and no row asks for must not run; its end settles itself.
            stops.AddRange(known.Unasked.Select(attempt => new StopOrder(attempt)));
            LogConnected(NodeId, known.Hello.Incarnation, known.Hello.Attempts.Length, launches.Count, stops.Count, lost.Count);
        }

        await SendAsync(launches, stops, cancellationToken);
        TellLost(lost);
    }

    private async Task SendAsync(List<LaunchOrder> launches, List<StopOrder> stops, CancellationToken cancellationToken)
    {
        if (launches.Count > 0)
        {
            await Launch([.. launches], cancellationToken);
        }

        if (stops.Count > 0)
        {
            await Stop([.. stops], cancellationToken);
        }
    }

    /// <summary>Every launch comes through here, the first and each repetition: so the operator's variables are in no row and in no order before.</summary>
    private async Task<ImmutableArray<LaunchOrder>> WithOperatorsVariablesAsync(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken)
    {
        var environments = ReadAllAsync(
            orders.Select(order => order.EnvironmentKey), key => GrainFactory.Refer<IComputeEnvironmentGrain>(key).JobEnvironment(cancellationToken));
        var queues = ReadAllAsync(
            orders.Select(order => order.QueueKey), key => GrainFactory.Refer<IJobQueueGrain>(key).JobEnvironment(cancellationToken));
        var (ofEnvironment, ofQueue) = (await environments, await queues);
        return [.. orders.Select(order => LaunchOrders.Over(order, ofEnvironment[order.EnvironmentKey], ofQueue[order.QueueKey]))];
    }

    private static async Task<Dictionary<string, JobEnvironment>> ReadAllAsync(IEnumerable<string> keys, Func<string, Task<JobEnvironment>> read)
    {
        var distinct = keys.Distinct().ToArray();
        var found = await Task.WhenAll(distinct.Select(read));
        return distinct.Zip(found).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private AttemptReport LostReport(AttemptId attempt, PlacedJob job) => new()
    {
        Attempt = attempt,
        ReservationId = job.State.Placement!.ReservationId,
        EnvironmentKey = new ScopedName(job.Queue.Scope, job.State.Placement.Environment).Key,
        Outcome = AttemptOutcome.Lost,
        StartedAt = job.State.Placement.StartedAt,
        StoppedAt = time.GetUtcNow(),
    };

    /// <summary>Who decides about a job, or about a node of a multi-node job.</summary>
    private IJobGrain Jobs(string jobId) => GrainFactory.Refer<IJobGrain>(JobPartIds.OwnerOf(jobId));

    /// <summary>What an agent has: what it said in its hello, and what it was sent since.</summary>
    private sealed class KnownAttempts(AgentHello hello, HashSet<AttemptId> sentSince)
    {
        private readonly HashSet<AttemptId> _unasked = [.. hello.Attempts];

        public AgentHello Hello => hello;

        /// <summary>Those that no row has asked for.</summary>
        public IEnumerable<AttemptId> Unasked => _unasked;

        public bool Has(AttemptId attempt) => _unasked.Remove(attempt) || sentSince.Contains(attempt);
    }
}
