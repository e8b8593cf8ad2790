using System.Collections.Immutable;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>The node's row: each renewal, the loss and the end are guarded writes of it. Whoever finds that it has moved is not the one to decide.</summary>
internal sealed partial class NodeGrain
{
    /// <summary>As this activation last read or wrote it; null: there is none.</summary>
    private NodeRow? _row;

    /// <summary>When it had read or written it.</summary>
    private long _seenAt;

    private IGrainTimer? _watching;

    public Task<NodeRenewal> Renew(string incarnation, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (_row is not { } row || !NodeConnections.IsCurrent(row.State, row.Incarnation, incarnation))
        {
            CloseLater(_connection, "Its incarnation is lost.");
            return NodeRenewal.Lost;
        }

#if PLANTED_BUGS
        if (PlantedBugs.Planted.Is("renew-without-the-row"))
        {
            return _connection is null ? NodeRenewal.RenewedSayHello : NodeRenewal.Renewed;
        }

#endif
        if (row.Lease is not null)
        {
            await WriteAsync(row with { Version = row.Version + 1, Renewals = row.Renewals + 1 }, cancellationToken);
        }

        return _connection is null ? NodeRenewal.RenewedSayHello : NodeRenewal.Renewed;
    });

    public async Task Leave(string incarnation, CancellationToken cancellationToken)
    {
        await _changes.RunAsync(async () =>
        {
            if (_row is not { } row || !NodeConnections.IsCurrent(row.State, row.Incarnation, incarnation))
            {
                throw new NodeLostException(NodeId, incarnation);
            }

            if (row.State == NodeState.Connected)
            {
                await WriteAsync(row with { Version = row.Version + 1, State = NodeState.Leaving }, cancellationToken);
                LogLeaving(NodeId);
            }
        });
        await Settle(cancellationToken);
    }

    private void Take(NodeRow? row) => (_row, _seenAt) = (row, time.GetTimestamp());

    /// <summary>Writes the row, or is not the one to write it any more.</summary>
    private async Task WriteAsync(NodeRow row, CancellationToken cancellationToken)
    {
        try
        {
            if (!await rows.WriteAsync(row, cancellationToken))
            {
                throw new JobStoreException($"Another activation of node {NodeId} has begun.");
            }
        }
        catch
        {
            // Nobody knows what the row holds now; the next activation reads it.
            DeactivateOnIdle();
            throw;
        }

        Take(row);
    }

    /// <summary>Looks when the lease may have run out.</summary>
    private void WatchLease()
    {
        _watching?.Dispose();
        _watching = null;
        if (_row is not null && Plan().LookAgainIn is { } due)
        {
            _watching = this.RegisterGrainTimer(
                (CancellationToken _) =>
                {
                    // Not in the timer's own turn: one that is disposed cancels what it has begun.
                    _watching?.Dispose();
                    _watching = null;
                    LookAtLeaseSafelyAsync().Ignore();
                    return Task.CompletedTask;
                },
                new() { DueTime = due, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        }
    }

    private NodePlan Plan(bool? hasAttempts = null) => NodeLeases.Plan(new()
    {
        HasAttempts = hasAttempts,
        State = _row!.State,
        Lease = _row.Lease,
        Unmoved = time.GetElapsedTime(_seenAt),
        Options = options,
    });

    private async Task LookAtLeaseSafelyAsync()
    {
        try
        {
            await LookAtLeaseAsync();
        }
        catch (Exception exception)
        {
            LogLeaseNotSeen(exception, NodeId);
            SettleSoon();
        }
    }

    private async Task LookAtLeaseAsync()
    {
        var isLost = await _changes.RunAsync(async () =>
        {
            if (_row is not { } row || Plan().Action != NodeAction.DeclareLost)
            {
                return false;
            }

            await WriteAsync(row with { Version = row.Version + 1, State = NodeState.Lost }, CancellationToken.None);
            LogLost(NodeId, row.Incarnation, row.Lease!.Value);
            failpoints.Reach(Failpoint.LostNotTold);
            return true;
        });
        if (isLost)
        {
            CloseLater(_connection, "Its lease has run out.");
            _connection = null;
            _isReachable = false;
            Announce();
            TellLost(await store.ReadPlacedOnNodeAsync(NodeId, CancellationToken.None));
        }

        WatchLease();
    }

    /// <summary>A node that leaves is gone with its last attempt.</summary>
    /// <param name="hasAttempts">Whether rows say that it has any.</param>
    private async Task LeaveIfEmptyAsync(bool hasAttempts)
    {
        await _changes.RunAsync(async () =>
        {
            var action = Plan(hasAttempts).Action;
            if (action == NodeAction.DeclareGone)
            {
                await WriteAsync(_row! with { Version = _row.Version + 1, State = NodeState.Gone }, CancellationToken.None);
                LogGone(NodeId);
            }
            else if (action == NodeAction.TakeBack)
            {
                await WriteAsync(_row! with { Version = _row.Version + 1, State = NodeState.Leaving }, CancellationToken.None);
            }
        });
        WatchLease();
    }

    /// <summary>Each attempt that was there ends as one whose host was lost. It is told again with the next look, until its row says so.</summary>
    private void TellLost(IReadOnlyList<PlacedJob> placed) => TellLost(
        [.. placed.Where(job => IsOver(job.State.Placement!.Incarnation)).Select(job => LostReport(new(job.JobId, job.State.Fence), job))]);

    /// <summary>
    /// First the environments that placed them are told how the node is: one that has not heard of it, because the registry has just begun anew, would place the next
    /// attempts there as well, and go on until it asks again.
    /// </summary>
    private void TellLost(IReadOnlyList<AttemptReport> lost)
    {
        foreach (var environment in lost.Select(report => report.EnvironmentKey).Distinct())
        {
            post.KnowNode(environment, _row!.ToReading(_isReachable));
        }

        foreach (var report in lost)
        {
            post.ReportLost(NodeId, report);
        }
    }

    /// <summary>Whether an incarnation is over for good, as the row says: once it does, it always will.</summary>
    private bool IsOver(string incarnation) =>
        _row is { } row && NodeConnections.Refusal(row.State, row.Incarnation, row.Former, incarnation) is not null;

    /// <summary>Of launches those for the agent that is there. Those for one that is over are lost; what comes for one that nobody here has heard of is for another activation.</summary>
    private async ValueTask<ImmutableArray<LaunchOrder>> OfThisIncarnationAsync(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken)
    {
        if (_row is { State: NodeState.Connected or NodeState.Leaving } row && orders.All(order => order.Incarnation == row.Incarnation))
        {
            return orders;
        }

        var others = orders.Where(order => !IsCurrent(order.Incarnation)).ToList();
        if (others.Any(order => !IsOver(order.Incarnation)))
        {
            var stored = await rows.ReadAsync(NodeId, cancellationToken);
            if (stored?.Version != _row?.Version)
            {
                DeactivateOnIdle();
                throw new JobStoreException($"Another activation of node {NodeId} has begun.");
            }
        }

        TellLost(
        [
            .. others.Where(order => IsOver(order.Incarnation)).Select(order => new AttemptReport
            {
                Attempt = order.Attempt,
                ReservationId = order.ReservationId,
                EnvironmentKey = order.EnvironmentKey,
                Outcome = AttemptOutcome.Lost,
                StoppedAt = time.GetUtcNow(),
            }),
        ]);
        return orders.RemoveAll(order => !IsCurrent(order.Incarnation));

        bool IsCurrent(string incarnation) => _row is { } now && NodeConnections.IsCurrent(now.State, now.Incarnation, incarnation);
    }
}
