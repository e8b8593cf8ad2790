using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Simulation.Machines;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As <c>NodeGrain</c>: carries orders to an agent and its reports to the jobs. Keeps nothing.</summary>
internal sealed class NodeActor(Silo silo, string nodeId)
{
    private AgentProgram Link => silo.World.Machine(nodeId).Agent is { IsConnected: true } agent ? agent : throw new AgentAwayException(nodeId);

    /// <param name="hello">What the agent has.</param>
    /// <param name="isNewest">Whether it still is the node's agent: what a former one had says nothing of what runs now.</param>
    public async Task ConnectAsync(AgentHello hello, Func<bool> isNewest)
    {
        var known = hello.Attempts.ToHashSet();
        List<AttemptReport> lost = [];
        List<StopOrder> stops = [];
        List<LaunchOrder> launches = [];
        var placed = await PlacedAsync();
        if (!isNewest() && silo.Bug != PlantedBug.LateHelloCounts)
        {
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
                stops.Add(new(attempt));
            }
            else if (!isKnown && await silo.JobAsync(job.JobId, actor => actor.RelaunchAsync(attempt.Fence)) is { } order)
            {
                launches.Add(order);
            }
        }

        stops.AddRange(known.Select(attempt => new StopOrder(attempt)));
        await SendAsync(launches, silo.Bug == PlantedBug.NothingIsStoppedAgain ? [] : stops);
        lost.ForEach(report => silo.Post.Report(nodeId, report));
    }

    public Task LaunchAsync(ImmutableArray<LaunchOrder> orders) => Link.LaunchAsync(orders);

    public Task StopAsync(ImmutableArray<StopOrder> orders) => Link.StopAsync(orders);

    public async Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports)
    {
        var told = await Task.WhenAll(Groups(reports).Select(group => TellAsync(group[0].Attempt.JobId, group)));
        var settled = told.Where(job => job.Answer is not null).ToList();
        await RequeueAsync(settled);
        await ReleaseAsync(settled);
        if (settled.Exists(job => job.Answer!.IsAttemptOver))
        {
            // Who waits for what comes back looks again.
            foreach (var queue in silo.World.Queues.Keys)
            {
                silo.Post.Wake(queue);
            }
        }

        return [.. settled.SelectMany(job => job.Reports.Select(report => report.Attempt)).Distinct()];
    }

    /// <summary>Reports that no agent repeats.</summary>
    public async Task ReportAllAsync(ImmutableArray<AttemptReport> reports)
    {
        if ((await ReportAsync(reports)).Length < reports.DistinctBy(report => report.Attempt).Count())
        {
            throw new LostException();
        }
    }

    public async Task SettleAsync()
    {
        List<StopOrder> stops = [];
        List<LaunchOrder> launches = [];
        foreach (var job in await PlacedAsync())
        {
            var attempt = new AttemptId(job.JobId, job.State.Fence);
            if (JobTransitions.NeedsStop(job.State))
            {
                stops.Add(new(attempt));
            }
            else if (job.State.Status == JobStatus.Starting && await silo.JobAsync(job.JobId, actor => actor.RelaunchAsync(attempt.Fence)) is { } order)
            {
                launches.Add(order);
            }
        }

        await SendAsync(launches, silo.Bug == PlantedBug.NothingIsStoppedAgain ? [] : stops);
    }

    private Task<IReadOnlyList<Grains.Stores.PlacedJob>> PlacedAsync() =>
        silo.ReadAsync(store => store.ReadPlaced(placement => placement.NodeId == nodeId));

    private async Task SendAsync(List<LaunchOrder> launches, List<StopOrder> stops)
    {
        if (launches.Count > 0)
        {
            await LaunchAsync([.. launches]);
        }

        if (stops.Count > 0)
        {
            await StopAsync([.. stops]);
        }
    }

    /// <summary>Each attempt for itself: what one held is given back, also when another of its job lives.</summary>
    private IEnumerable<ImmutableArray<AttemptReport>> Groups(ImmutableArray<AttemptReport> reports) => silo.Bug == PlantedBug.AttemptsToldTogether
        ? reports.GroupBy(report => report.Attempt.JobId).Select(group => group.ToImmutableArray())
        : reports.GroupBy(report => report.Attempt).Select(group => group.ToImmutableArray());

    private async Task<Told> TellAsync(string jobId, ImmutableArray<AttemptReport> reports)
    {
        try
        {
            return new(reports, await silo.JobAsync(jobId, actor => actor.ReportAsync(reports)));
        }
        catch (Exception exception) when (Trouble.Is(exception))
        {
            return new(reports, null);
        }
    }

    private Task RequeueAsync(List<Told> settled) => Task.WhenAll(settled
        .Where(job => job.Answer!.Requeue is not null)
        .GroupBy(job => job.Answer!.Queue!.Name)
        .Select(group => EnqueueAsync(group.Key, [.. group.Select(job => job.Answer!.Requeue!)])));

    private async Task EnqueueAsync(string queue, ImmutableArray<QueueEntry> jobs)
    {
        try
        {
            await silo.QueueAsync(queue, actor => actor.Enqueue(jobs));
        }
        catch (Exception exception) when (Trouble.Is(exception))
        {
            foreach (var job in jobs)
            {
                silo.Post.Enqueue(queue, job);
            }

            throw;
        }
    }

    private Task ReleaseAsync(List<Told> settled) => Task.WhenAll(settled
        .Where(job => job.Answer!.IsAttemptOver)
        .SelectMany(HeldBy)
        .Distinct()
        .GroupBy(held => held.EnvironmentKey)
        .Select(group => silo.EnvironmentAsync(
            ScopedName.Parse(group.Key).Name,
            actor =>
            {
                actor.Release([.. group.Select(held => held.ReservationId)]);
                return Task.CompletedTask;
            })));

    private static IEnumerable<HeldReservation> HeldBy(Told job) => job.Answer!.Held is { } held
        ? [held]
        : job.Reports
            .Where(report => report.ReservationId.Length > 0)
            .Select(report => new HeldReservation(report.EnvironmentKey, report.ReservationId));

    private AttemptReport LostReport(AttemptId attempt, Grains.Stores.PlacedJob job) => new()
    {
        Attempt = attempt,
        ReservationId = job.State.Placement!.ReservationId,
        EnvironmentKey = new ScopedName(job.Queue.Scope, job.State.Placement.Environment).Key,
        Outcome = AttemptOutcome.Lost,
        StartedAt = job.State.Placement.StartedAt,
        StoppedAt = silo.Now,
    };

    private sealed record Told(ImmutableArray<AttemptReport> Reports, ReportAnswer? Answer);
}
