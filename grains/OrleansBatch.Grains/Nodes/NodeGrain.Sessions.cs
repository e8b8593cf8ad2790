using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Core.Nodes;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>The connection to the agent: the newest one counts. What does not get through is given again.</summary>
internal sealed partial class NodeGrain
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(10);

    private INodeConnection? _connection;
    private long _session;
    private bool _isReachable;
    private TimeSpan _retry = FirstRetry;
    private IGrainTimer? _retrying;

    /// <summary>What was sent since the hello that is being looked at; null: none is.</summary>
    private HashSet<AttemptId>? _sentMeanwhile;

    /// <summary>How long an agent may take to confirm an order before nothing new is placed on it.</summary>
    /// <remarks>One in its silo's own process cannot be away while that lives: it may take its time.</remarks>
    private TimeSpan Patience => _row?.Lease is null ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(5);

    /// <returns>Why the agent is refused; null: its session has begun.</returns>
    private async Task<string?> BeginSessionAsync(AgentHello hello, INodeConnection connection, CancellationToken cancellationToken)
    {
        var before = _row;
        if (before is not null && NodeConnections.Refusal(before.State, before.Incarnation, before.Former, hello.Incarnation) is { } refused)
        {
            return refused;
        }

        if (before is not null && NodeConnections.IsLate(before.Incarnation, before.Hello, hello.Incarnation, hello.Number))
        {
            // Its stream is one that the agent has given up, or it repeats itself with a newer one.
            throw new InvalidOperationException($"Node {NodeId} has said hello {before.Hello}, and {hello.Number} comes late: it does not count any more.");
        }

        await WriteAsync(
            new()
            {
                NodeId = NodeId,
                Version = (before?.Version ?? 0) + 1,
                Incarnation = hello.Incarnation,
                Former = before is null ? [] : NodeConnections.Former(before.Incarnation, before.Former, hello.Incarnation),
                State = NodeState.Connected,
                Joins = hello.Joins.IsDefault ? [] : hello.Joins,
                Capacity = hello.Capacity,
                Lease = hello.Lease,
                Hello = hello.Number,
                Renewals = before?.Incarnation == hello.Incarnation ? before.Renewals + 1 : 0,
            },
            cancellationToken);
        if (!Equals(_connection, connection))
        {
            CloseLater(_connection, "A newer connection took over.");
        }

        (_connection, _session, _isReachable) = (connection, _row!.Version, true);
        WatchLease();
        return null;
    }

    /// <summary>Sends orders. When they are not confirmed nothing new is placed here, and what the rows ask for is given again until it is.</summary>
    private async Task SendAsync(Func<INodeConnection, Task> send)
    {
        if (_connection is not { } connection)
        {
            SetReachable(false);
            return;
        }

        try
        {
            await send(connection).WaitAsync(Patience, time);
            if (Equals(_connection, connection))
            {
                SetReachable(true);
            }
        }
        catch (StaleSessionException exception)
        {
            // Another activation has taken the agent's newer hello.
            LogNotReached(exception, NodeId);
            DeactivateOnIdle();
        }
        catch (Exception exception)
        {
            LogNotReached(exception, NodeId);
            if (Equals(_connection, connection))
            {
                SetReachable(false);
                SettleSoon();
            }
        }
    }

    private void SetReachable(bool isReachable)
    {
        if (isReachable)
        {
            _retry = FirstRetry;
        }

        if (_isReachable != isReachable)
        {
            _isReachable = isReachable;
            Announce();
        }
    }

    private void SettleSoon()
    {
        if (_retrying is not null)
        {
            return;
        }

        _retrying = this.RegisterGrainTimer(
            (CancellationToken _) =>
            {
                _retrying?.Dispose();
                _retrying = null;
                SettleSafelyAsync().Ignore();
                return Task.CompletedTask;
            },
            new() { DueTime = _retry, Period = Timeout.InfiniteTimeSpan, KeepAlive = true });
        _retry = _retry * 2 < LongestRetry ? _retry * 2 : LongestRetry;
    }

    private async Task SettleSafelyAsync()
    {
        try
        {
            await Settle(CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogNotReached(exception, NodeId);
            SettleSoon();
        }
    }

    /// <summary>Those who place on this node are told how it is.</summary>
    private void Announce()
    {
        if (_row is { } row)
        {
            post.Announce(row.ToReading(_isReachable));
        }
    }

    /// <summary>The same, and those who ask from now on know it.</summary>
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        var node = _row!.ToReading(_isReachable);
        try
        {
            await GrainFactory.Refer<INodeRegistryGrain>(INodeRegistryGrain.Key).Announce(node, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotReached(exception, NodeId);
            post.Announce(node);
        }
    }

    /// <summary>Nobody waits for an agent that goes.</summary>
    private void CloseLater(INodeConnection? connection, string reason)
    {
        if (connection is not null)
        {
            CloseAsync(connection, reason).Ignore();
        }
    }

    private async Task CloseAsync(INodeConnection connection, string reason)
    {
        try
        {
            await connection.Close(reason);
        }
        catch (Exception exception)
        {
            LogNotReached(exception, NodeId);
        }
    }
}
