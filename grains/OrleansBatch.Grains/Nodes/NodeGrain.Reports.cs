using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>What became of attempts: told to their jobs, then to whoever gave them something.</summary>
internal sealed partial class NodeGrain
{
    public Task<ImmutableArray<AttemptId>> Report(string incarnation, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        if (IsOver(incarnation))
        {
            CloseLater(_connection, "Its incarnation is lost.");
            throw new NodeLostException(NodeId, incarnation);
        }

        return _row?.Incarnation == incarnation
            ? ReportLost(reports, cancellationToken)
            : throw new InvalidOperationException($"Node {NodeId} has not introduced itself as {incarnation}.");
    }

    public async Task<ImmutableArray<AttemptId>> ReportLost(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
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

    private async Task<Told> TellAsync(string jobId, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        try
        {
            return new(reports, await Jobs(jobId).Report(NodeId, reports, cancellationToken));
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
                .Release(NodeId, [.. group.Select(held => held.ReservationId)], cancellationToken)));

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

    private sealed record Told(ImmutableArray<AttemptReport> Reports, ReportAnswer? Answer);
}
