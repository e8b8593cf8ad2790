using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Capacity.Spot;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>Hosts that go although jobs are on them: taken back, replaced, or with their machine.</summary>
/// <remarks>
/// First the row says that it goes, and when; from then on no job comes. When that time is there, its attempts are stopped; when the last of their processes is gone,
/// its row is ended. So a job's next attempt never meets a process of the one before, and whatever dies in between, the row says what is left to do.
/// </remarks>
internal sealed partial class ComputeEnvironmentGrain
{
    private const string TakenBack = "taken back: Spot capacity is needed elsewhere";

    /// <summary>How often attempts are told to stop whose host has ended, and how often chance is asked.</summary>
    private static readonly TimeSpan EndsAgain = TimeSpan.FromSeconds(10);

    private DateTimeOffset? _spotSince;

    private double InterruptionsPerHour => model.SpotInterruptionsByEnvironment.TryGetValue(Name.Name, out var rate) ? rate : model.SpotInterruptionsPerHour;

    public Task<HostDetail> Interrupt(string hostId, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (!_hostRows.TryGetValue(hostId, out var row))
        {
            throw new BatchClientException($"Host {hostId} does not exist, or has ended.");
        }

        if (row.Purchase != PurchaseOption.Spot)
        {
            throw new BatchClientException($"Host {hostId} is ON_DEMAND: only SPOT hosts are taken back.");
        }

        if (row.State is HostState.Launching)
        {
            throw new BatchClientException($"Host {hostId} is LAUNCHING: only a host that is there can be taken back.");
        }

        await InterruptAsync([new(hostId, time.GetUtcNow() + SpotRules.Notice)], cancellationToken);
        return HostDescriptions.Describe(_ledger.Find(hostId)!, isReal: false, row.LaunchReason, _hostRows[hostId].EndReason, endedAt: null, time.GetUtcNow());
    });

    /// <summary>Spot capacity is taken back by chance, if the operator wants that.</summary>
    private async Task InterruptByChanceAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (InterruptionsPerHour <= 0 || !_hostRows.Values.Any(host => host.Purchase == PurchaseOption.Spot))
        {
            _spotSince = null;
            return;
        }

        var plan = SpotRules.Plan(new()
        {
            Hosts = _ledger.Snapshot(),
            PerHour = InterruptionsPerHour,
            Since = _spotSince ?? now,
            Now = now,
            Draw = _ => Random.Shared.NextDouble(),
        });
        _spotSince = now;
        await InterruptAsync(plan.Notices, cancellationToken);
    }

    private async Task InterruptAsync(IEnumerable<SpotNotice> notices, CancellationToken cancellationToken)
    {
        var rows = notices
            .Where(notice => _hostRows.TryGetValue(notice.HostId, out var row) && row.State != HostState.Interrupted)
            .Select(notice => _hostRows[notice.HostId] with { State = HostState.Interrupted, EndsAt = notice.EndsAt, EndReason = TakenBack })
            .ToList();
        await MoveAsync(rows, cancellationToken);
        foreach (var row in rows)
        {
            LogHostTakenBack(Name.Key, row.HostId, row.EndsAt!.Value);
        }

        NoteEnds();
    }

    /// <summary>Takes hosts out of use: what runs there goes on, nothing new comes.</summary>
    /// <param name="which">Which of those that take jobs, or will.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="endsAt">When what runs there is stopped; null: not.</param>
    private Task DrainAsync(Func<HostRow, bool> which, string reason, CancellationToken cancellationToken, DateTimeOffset? endsAt = null) => MoveAsync(
        [
            .. _hostRows.Values
                .Where(host => host.State is HostState.Active or HostState.Launching && which(host))
                .Select(host => host with { State = HostState.Draining, EndReason = reason, EndsAt = endsAt }),
        ],
        cancellationToken);

    private async Task MoveAsync(List<HostRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return;
        }

        // No job comes while it is written.
        foreach (var row in rows)
        {
            _ = _ledger.Move(row.HostId, row.State, row.EndsAt);
        }

        await WriteAsync(rows, cancellationToken);
        foreach (var row in rows)
        {
            _hostRows[row.HostId] = row;
        }
    }

    /// <summary>Hosts whose time has come: those without attempts are gone, the attempts of the others are stopped.</summary>
    private async Task EndDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var due = _hostRows.Values.Where(host => host.EndsAt <= now).ToList();
        var gone = Ended(due.Where(host => _ledger.ReservationsOn(host.HostId).IsEmpty).Select(host => new PlannedEnd(host.HostId, TakenBack)), now);
        if (gone.Count > 0)
        {
            await WriteAsync(gone, cancellationToken);
            Forget(gone);
        }

        foreach (var host in due.Where(host => _hostRows.ContainsKey(host.HostId)))
        {
            foreach (var reservation in _ledger.ReservationsOn(host.HostId))
            {
                _ = StopAsync(host.HostId, reservation.JobId, reservation.Id);
            }
        }
    }

    /// <summary>Has an attempt stopped whose host goes. It is told again until its process is gone.</summary>
    private async Task StopAsync(string hostId, string jobId, string reservationId)
    {
        try
        {
            if (await store.ReadAsync(jobId, CancellationToken.None) is { State.Placement: { } placement } job
                && placement.ReservationId == reservationId && placement.Environment == Name.Name)
            {
                await GrainFactory.Refer<IJobGrain>(JobPartIds.OwnerOf(jobId)).ReclaimHost(new(jobId, job.State.Fence), CancellationToken.None);
            }
        }
        catch (Exception exception)
        {
            LogNotStopped(exception, jobId, hostId);
        }
    }

    /// <summary>An infrastructure update is over with the last host of before.</summary>
    private async Task EndUpdateAsync(CancellationToken cancellationToken)
    {
        if (Configuration is { Status: "UPDATING" } && _hostRows.Values.All(host => host.Generation == stored.State.Generation))
        {
            await StoreAsync(Configuration with { Status = "VALID" }, cancellationToken);
        }
    }

    /// <summary>Looks again when the next host goes, and meanwhile whether chance takes one.</summary>
    private void NoteEnds()
    {
        var now = time.GetUtcNow();
        foreach (var host in _hostRows.Values)
        {
            ScaleAt(host.EndsAt switch
            {
                { } at when at > now => at,
                { } => now + EndsAgain,
                null => null,
            });
        }

        ScaleAt(_spotSince is null ? null : now + EndsAgain);
    }
}
