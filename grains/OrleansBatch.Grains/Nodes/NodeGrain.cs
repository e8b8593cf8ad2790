using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.Jobs;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>Carries orders to an agent and its reports to the jobs. Owns no job and decides nothing about one.</summary>
[Reentrant]
internal sealed partial class NodeGrain(
    IAgentLinks links,
    IJobStore store,
    Post post,
    IFailpoints failpoints,
    TimeProvider time,
    ILogger<NodeGrain> logger) : Grain, INodeGrain
{
    private string NodeId => this.GetPrimaryKeyString();

    public async Task Connect(AgentHello hello, CancellationToken cancellationToken)
    {
        var known = hello.Attempts.ToHashSet();
        List<AttemptReport> lost = [];
        List<StopOrder> stops = [];
        List<LaunchOrder> launches = [];
        var placed = await store.ReadPlacedOnNodeAsync(NodeId, cancellationToken);
        if (Link().Incarnation != hello.Incarnation)
        {
            // What a former agent had says nothing of what runs now.
            return;
        }

        foreach (var job in placed)
        {
            var attempt = new AttemptId(job.JobId, job.State.Fence);
            var isKnown = known.Remove(attempt);
            var isOfThisIncarnation = job.State.Placement!.Incarnation == hello.Incarnation;
            if (!isOfThisIncarnation || (!isKnown && job.State.Status == JobStatus.Running))
            {
                lost.Add(LostReport(attempt, job));
            }
            else if (JobTransitions.NeedsStop(job.State))
            {
                // For an attempt that was never launched this is its refusal.
                stops.Add(new(attempt));
            }
            else if (!isKnown && await Jobs(job.JobId).Relaunch(attempt, cancellationToken) is { } order)
            {
                launches.Add(order);
            }
        }

        // What the agent has and no row asks for must not run; its end settles itself.
        stops.AddRange(known.Select(attempt => new StopOrder(attempt)));
        LogConnected(NodeId, hello.Incarnation, hello.Attempts.Length, launches.Count, stops.Count, lost.Count);
        await SendAsync(launches, stops, cancellationToken);
        lost.ForEach(report => post.Report(NodeId, report));
    }

    public async Task Launch(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken) =>
        await Link().LaunchAsync(await WithOperatorsVariablesAsync(orders, cancellationToken), cancellationToken);

    public async Task Stop(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken) =>
        await Link().StopAsync(orders, cancellationToken);

    public async Task<ImmutableArray<AttemptId>> Report(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        ReachFailpoints(reports);

        // Each attempt for itself: what one held is given back also while another of its job lives.
        var byAttempt = reports.GroupBy(report => report.Attempt).ToList();
        var told = await Task.WhenAll(byAttempt.Select(group => TellAsync(group.Key.JobId, [.. group], cancellationToken)));
        var settled = told.Where(job => job.Answer is not null).ToList();
        if (settled.Any(job => job.Answer!.IsAttemptOver))
        {
            failpoints.Reach(Failpoint.EndedNotReleased);
        }

        // A share is charged no more before what it held can be given away.
        await EndedAsync(settled, cancellationToken);
        // What is tried again is in its line before anything that it held can be given away: it goes first.
        await RequeueAsync(settled, cancellationToken);
        await Task.WhenAll(ReleaseAsync(settled, cancellationToken), ReleaseConsumablesAsync(settled, cancellationToken));
        return [.. settled.SelectMany(job => job.Reports.Select(report => report.Attempt)).Distinct()];
    }

    public async Task Settle(CancellationToken cancellationToken)
    {
        List<StopOrder> stops = [];
        List<LaunchOrder> launches = [];
        foreach (var job in await store.ReadPlacedOnNodeAsync(NodeId, cancellationToken))
        {
            var attempt = new AttemptId(job.JobId, job.State.Fence);
            if (JobTransitions.NeedsStop(job.State))
            {
                stops.Add(new(attempt));
            }
            else if (job.State.Status == JobStatus.Starting
                && await Jobs(job.JobId).Relaunch(attempt, cancellationToken) is { } order)
            {
                // The agent starts a fence once; one that is on its way stays as it is.
                launches.Add(order);
            }
        }

        await SendAsync(launches, stops, cancellationToken);
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

    private async Task<Told> TellAsync(string jobId, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        try
        {
            return new(reports, await Jobs(jobId).Report(reports, cancellationToken));
        }
        catch (Exception exception)
        {
            // One job that cannot be told must not hold up the others; its agent repeats the report.
            LogNotTold(exception, jobId);
            return new(reports, null);
        }
    }

    private Task RequeueAsync(List<Told> settled, CancellationToken cancellationToken) =>
        Task.WhenAll(settled
            .Where(job => job.Answer!.Requeue is not null)
            .GroupBy(job => job.Answer!.Queue!.Key)
            .Select(group => EnqueueAsync(group.Key, [.. group.Select(job => job.Answer!.Requeue!)], cancellationToken)));

    private async Task EnqueueAsync(string queueKey, ImmutableArray<QueueEntry> jobs, CancellationToken cancellationToken)
    {
        try
        {
            await GrainFactory.Refer<IJobQueueGrain>(queueKey).Enqueue(jobs, cancellationToken);
        }
        catch
        {
            // Whoever reported repeats it, unless it dies meanwhile; this is repeated as long as the silo lives.
            foreach (var job in jobs)
            {
                post.Enqueue(queueKey, job);
            }

            throw;
        }
    }

    private Task ReleaseConsumablesAsync(List<Told> settled, CancellationToken cancellationToken) =>
        Task.WhenAll(settled
            .SelectMany(job => job.Answer!.ConsumableResources)
            .Distinct()
            .Select(key => GrainFactory.Refer<IConsumableResourceGrain>(key).Released(cancellationToken)));

    private Task EndedAsync(List<Told> settled, CancellationToken cancellationToken) =>
        Task.WhenAll(settled
            .Where(job => job.Answer!.Uncharged is not null)
            .GroupBy(job => job.Answer!.Queue!.Key)
            .Select(group => GrainFactory.Refer<IJobQueueGrain>(group.Key)
                .Ended([.. group.Select(job => job.Answer!.Uncharged!).Distinct()], cancellationToken)));

    private Task ReleaseAsync(List<Told> settled, CancellationToken cancellationToken) =>
        Task.WhenAll(settled
            .Where(job => job.Answer!.IsAttemptOver)
            .SelectMany(HeldBy)
            .Distinct()
            .GroupBy(held => held.EnvironmentKey)
            .Select(group => GrainFactory.Refer<IComputeEnvironmentGrain>(group.Key)
                .Release([.. group.Select(held => held.ReservationId)], cancellationToken)));

    /// <summary>What a job's row held when it was told, or else what its reports name: a row that was told before holds nothing.</summary>
    /// <remarks>The refusal of an attempt that was never launched names nothing.</remarks>
    private static IEnumerable<HeldReservation> HeldBy(Told job) => job.Answer!.Held is { } held
        ? [held]
        : job.Reports
            .Where(report => report.ReservationId.Length > 0)
            .Select(report => new HeldReservation(report.EnvironmentKey, report.ReservationId));

    private void ReachFailpoints(ImmutableArray<AttemptReport> reports)
    {
        foreach (var report in reports)
        {
            failpoints.Reach(report.Outcome == AttemptOutcome.Started ? Failpoint.LaunchedNotConfirmed : Failpoint.ExitedNotReported);
        }
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

    private IAgentLink Link() => links.Find(NodeId) ?? throw new AgentAwayException(NodeId);

    /// <summary>Who decides about a job, or about a node of a multi-node job.</summary>
    private IJobGrain Jobs(string jobId) => GrainFactory.Refer<IJobGrain>(JobPartIds.OwnerOf(jobId));

    private sealed record Told(ImmutableArray<AttemptReport> Reports, ReportAnswer? Answer);
}
