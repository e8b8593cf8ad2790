using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent;

/// <summary>Renews the lease and hands each renewal on to the supervisor, which alone enforces it.</summary>
/// <remarks>
/// A renewal counts from when it was sent, by a clock that runs through suspension: the other side counts from when it took it, which is later. It is renewed at a third
/// of its length. An answer that takes more than a quarter means another silo.
/// </remarks>
internal sealed partial class LeaseKeeper(
    ILeasedSession session,
    TimeSpan lease,
    TimeProvider time,
    ILogger logger,
    Action sayHello,
    Action<string, Frame> tell,
    Action<string> lost) : INodeSession
{
    private readonly Lock _gate = new();
    private readonly long _length = (long)lease.TotalMilliseconds;
    private string _incarnation = "";
    private long _until;
    private long _renewedAt;
    private bool _isHeld;
    private TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When the lease lapses, in milliseconds since boot. Before the first answer: as if it came; what runs already has a lease of its own.</summary>
    public long Until
    {
        get
        {
            lock (_gate)
            {
                return _until;
            }
        }
    }

    /// <summary>From the lapse to SIGKILL.</summary>
    public TimeSpan StopWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public async Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken)
    {
        var sent = BootTime.Milliseconds();
        lock (_gate)
        {
            if (_incarnation != hello.Incarnation)
            {
                (_incarnation, _until, _isHeld) = (hello.Incarnation, sent + _length, false);
            }
        }

        try
        {
            await session.ConnectAsync(hello, cancellationToken).WaitAsync(lease / 2, time, cancellationToken);
        }
        catch (NodeRefusedException refused)
        {
            LogLost(hello.Incarnation, refused.Message);
            lost(hello.Incarnation);
            throw;
        }
        catch (TimeoutException)
        {
            session.Drop("a hello was not answered");
            throw;
        }

        Renewed(hello.Incarnation, sent);
        lock (_gate)
        {
            _connected.TrySetResult();
        }
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
        session.ReportAsync(reports, cancellationToken);

    /// <summary>Says that the agent takes no more launches, if anybody is there.</summary>
    public async Task LeaveAsync(string incarnation, CancellationToken cancellationToken)
    {
        try
        {
            await session.LeaveAsync(incarnation, cancellationToken).WaitAsync(lease / 4, time, cancellationToken);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotTold(problem.Message);
        }
    }

    /// <summary>There is no connection to renew over.</summary>
    public void Disconnected()
    {
        lock (_gate)
        {
            if (_connected.Task.IsCompleted)
            {
                _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>Breaks the connection.</summary>
    public void Drop(string reason)
    {
        Disconnected();
        session.Drop(reason);
    }

    /// <summary>A supervisor has come, or come back: one that has no lease yet takes this.</summary>
    public void TellSupervisor(string incarnation)
    {
        lock (_gate)
        {
            if (_isHeld && _incarnation == incarnation)
            {
                tell(incarnation, LeaseFrame());
            }
        }
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Connected().WaitAsync(cancellationToken);
            await WaitUntilDueAsync(cancellationToken);
            if (Connected().IsCompleted)
            {
                await RenewAsync(cancellationToken);
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var incarnation = _incarnation;
        var sent = BootTime.Milliseconds();
        try
        {
            switch (await session.RenewAsync(incarnation, cancellationToken).WaitAsync(lease / 4, time, cancellationToken))
            {
                case NodeRenewal.Renewed:
                    Renewed(incarnation, sent);
                    break;
                case NodeRenewal.RenewedSayHello:
                    Renewed(incarnation, sent);
                    sayHello();
                    break;
                default:
                    LogLost(incarnation, "another incarnation has come, or it was not heard for too long");
                    Disconnected();
                    lost(incarnation);
                    break;
            }
        }
        catch (TimeoutException)
        {
            LogNotRenewed("no answer");
            session.Drop("a renewal was not answered");
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            // Answered, but the store is away, say: another silo would fare no better.
            LogNotRenewed(problem.Message);
            await Task.Delay(lease / 12, time, cancellationToken);
        }
    }

    private void Renewed(string incarnation, long sent)
    {
        lock (_gate)
        {
            if (incarnation == _incarnation)
            {
                _until = Math.Max(_until, sent + _length);
                _renewedAt = sent;
                _isHeld = true;
                tell(incarnation, LeaseFrame());
            }
        }
    }

    private Frame LeaseFrame() => new() { Kind = FrameKind.Lease, LeaseUntil = _until, StopWithin = (long)StopWithin.TotalMilliseconds };

    private Task WaitUntilDueAsync(CancellationToken cancellationToken)
    {
        var left = _renewedAt + (_length / 3) - BootTime.Milliseconds();
        return left > 0 ? Task.Delay(TimeSpan.FromMilliseconds(left), time, cancellationToken) : Task.CompletedTask;
    }

    private Task Connected()
    {
        lock (_gate)
        {
            return _connected.Task;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease was not renewed: {Reason}")]
    private partial void LogNotRenewed(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "Incarnation {Incarnation} is lost ({Reason}): all attempts are stopped, and the node comes back as another")]
    private partial void LogLost(string incarnation, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No silo was told that this node leaves: {Reason}")]
    private partial void LogNotTold(string reason);
}
