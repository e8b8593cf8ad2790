using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Core.Nodes;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Jobs;

/// <summary>A multi-node job: it owns its nodes' rows, and moves them together with its own.</summary>
internal sealed partial class JobGrain
{
    /// <summary>The nodes' rows as this activation last read or wrote them.</summary>
    private ImmutableArray<JobRecord> _nodes = [];

    private bool IsGang => _job?.Spec.Nodes is not null;

    private Gang Gang => new(_job!.State, [.. _nodes.Select(node => node.State)], _job.Spec.Nodes!.MainNode!.Value);

    public async Task<PlaceAnswer> PlaceGang(GangPlaceOrder order, CancellationToken cancellationToken)
    {
        if (!IsGang || !IsIn(order.Environment.Scope) || order.Nodes.Length != _nodes.Length)
        {
            return new(null);
        }

        return await PlaceAsync(() => IsPlacedBy(order), BeginAsync, MainOrder, cancellationToken);

        Task<StepResult> BeginAsync()
        {
            var now = time.GetUtcNow();
            ImmutableArray<JobPlacement> placements = [.. order.Nodes.Select((node, index) => Placement(order, node, index, now))];
            return MoveGangAsync(
                // A cancel may have come first.
                gang => gang.Job.Status == JobStatus.Runnable ? GangMoves.Place(gang, _job!.Spec.RetryStrategy, placements, now) : null,
                cancellationToken,
                new EpochGuard(order.Environment.Key, order.Epoch),
                claims: order.Claims);
        }
    }

    private LaunchOrder MainOrder()
    {
        var main = _job!.Spec.Nodes!.MainNode!.Value;
        return _nodes[main].State.Placement is not null
            ? Order(main)
            : throw new JobStoreException($"The main node of job {JobId} has ended, and others are still being stopped: its hosts are not free.");
    }

    private LaunchOrder? RelaunchNode(AttemptId attempt) =>
        FindNode(attempt) is { } index && _nodes[index].State.Fence == attempt.Fence && Gang.MayLaunch(index) ? Order(index) : null;

    private int? FindNode(AttemptId attempt) =>
        JobPartIds.TryParseNode(attempt.JobId, out _, out var index) && index < _nodes.Length ? index : null;

    private bool IsPlacedBy(GangPlaceOrder order) => _nodes.Zip(order.Nodes).Any(pair =>
        pair.First.State.Placement is { } live && live.ReservationId == pair.Second.ReservationId && live.Environment == order.Environment.Name);

    private JobPlacement Placement(GangPlaceOrder order, NodeReservation node, int index, DateTimeOffset now) => Placements.New(
        _job!.Scope,
        MultiNodeJobs.OfNode(_job.Spec, index),
        NodeMarks.TaskId(Guid.CreateVersion7(now).ToString("N"), node.NodeId),
        order.Environment.Name,
        order.ClusterName,
        order.Epoch,
        node.ReservationId,
        node.NodeId,
        node.Incarnation,
        fargate: null,
        node.Host,
        node.UsdPerHour,
        NodeAddresses.Of(_job.Sequence, index));

    private LaunchOrder Order(int node) =>
        LaunchOrders.For(_nodes[node], Platform(fargate: null), _nodes[_job!.Spec.Nodes!.MainNode!.Value].State.Placement?.Address);

    private Task<StepResult> MoveNodeAsync(int node, ImmutableArray<JobEvent> events, CancellationToken cancellationToken) => MoveGangAsync(
        gang => GangMoves.HappenToNode(gang, _job!.Spec.RetryStrategy, node, events, time.GetUtcNow()), cancellationToken);

    /// <summary>Decides for job and nodes, and stores it all in one step. When it returns, memory and rows are one.</summary>
    /// <param name="decide">What becomes of them, asked again when a row was changed in between; null: nothing.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <param name="guard">The epoch that must still be the newest.</param>
    /// <param name="looked">Looks that are done with this step.</param>
    /// <param name="claims">What the attempt that begins takes of consumable resources.</param>
    private Task<StepResult> MoveGangAsync(
        Func<Gang, GangMove?> decide, CancellationToken cancellationToken, EpochGuard? guard = null, OwedLooks? looked = null, ImmutableArray<ConsumableClaim> claims = default) => StoreAsync(
        () =>
        {
            var before = Gang;
            var move = decide(before);
            var writes = move is null ? [] : Writes(before, move, claims);
            return writes.IsEmpty && looked is null ? null : new(new() { Writes = writes, Epoch = guard, Looked = looked }, () => Take(before, move));
        },
        cancellationToken);

    /// <summary>The nodes first: a job that has ended ends after them.</summary>
    private ImmutableArray<JobWrite> Writes(Gang before, GangMove move, ImmutableArray<ConsumableClaim> claims)
    {
        var writes = ImmutableArray.CreateBuilder<JobWrite>();
        for (var index = 0; index < _nodes.Length; index++)
        {
            var (node, after) = (_nodes[index], move.Nodes[index].State);
            if (after != before.Nodes[index])
            {
                writes.Add(new(node.JobId, node.Version, after, EndedLog(node, after), _job!.Version)
                {
                    OtherEndedLogs = OtherEndedLogs(node, after),
                    Changes = move.Nodes[index].Changes,
                });
            }
        }

        if (move.Gang.Job != before.Job)
        {
            writes.Add(new(JobId, _job!.Version, move.Gang.Job)
            {
                Used = Used(move.Gang.Job),
                Claims = claims.IsDefault ? [] : claims,
                Changes = move.Job.Changes,
                UnwrittenChanges = move.Job.UnwrittenChanges,
            });
        }

        return writes.ToImmutable();
    }

    private void Tell(Gang before, GangMove move)
    {
        foreach (var (index, node) in move.Nodes.Index().Where(node => node.Item.State != before.Nodes[node.Index]))
        {
            _telemetry.Moved(_nodes[index], node.State);
        }

        if (move.Gang.Job != before.Job)
        {
            _telemetry.Moved(_job!, move.Gang.Job);
        }
    }

    /// <summary>What is stored counts: in memory, and for the nodes' agents.</summary>
    private void Take(Gang before, GangMove? move)
    {
        if (move is null)
        {
            return;
        }

        Tell(before, move);
        _job = move.Gang.Job == before.Job ? _job : _job! with { State = move.Gang.Job, Version = _job.Version + 1 };
        _nodes =
        [
            .. _nodes.Select((node, index) =>
                move.Nodes[index].State is var after && after != before.Nodes[index] ? node with { State = after, Version = node.Version + 1 }
                // One without a row is as its job is now.
                : node.Version == 0 ? ArrayJobs.Child(_job!, index)!
                : node),
        ];

        int[] due = [.. move.Gang.NewlyLaunchable(before)];
        for (var i = 0; i < due.Length; i++)
        {
            if (i == due.Length / 2)
            {
                failpoints.Reach(Failpoint.GangHalfLaunched);
            }

            post.Launch(_nodes[due[i]].State.Placement!.NodeId, Order(due[i]));
        }

        foreach (var node in move.Gang.NewlyStopped(before))
        {
            StopIfNeeded(_nodes[node].JobId, _nodes[node].State);
        }
    }
}
