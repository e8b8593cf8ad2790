using Microsoft.Extensions.Logging;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent.Supervision;

/// <summary>Keeps the agent connected to a supervisor: adopts one that lives, starts one where none does, and again when it is lost.</summary>
internal sealed partial class SupervisorLink(
    SupervisorProgram program,
    TimeProvider time,
    ILogger logger,
    Action<Frame> heard) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _leaving = new();
    private readonly Outbox _outbox = new();
    private SupervisorConnection? _connection;
    private Task _listening = Task.CompletedTask;
    private int _startedPid;

    /// <summary>Connects for the first time. Everything heard, the hello first, goes to the listener.</summary>
    /// <exception cref="IOException">A supervisor cannot be started.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var hello = await ConnectAsync(cancellationToken);
        _listening = Task.Run(() => ListenAsync(hello), CancellationToken.None);
    }

    /// <summary>Sends an order.</summary>
    /// <returns>Completes when a supervisor has journalled it.</returns>
    public Task SendAsync(Frame order) => _outbox.Add(order);

    /// <summary>Lets go of the supervisor, which goes on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _leaving.CancelAsync();
        _connection?.Dispose();
        await _listening;
        _outbox.Close(new ObjectDisposedException(nameof(NodeAgent)));
        _leaving.Dispose();
    }

    private async Task ListenAsync(Frame hello)
    {
        try
        {
            while (true)
            {
                heard(hello);
                await _outbox.UseAsync(_connection!);
                var replaced = await ReadAsync();
                _connection!.Dispose();
                await _outbox.StopSendingAsync();
                if (replaced)
                {
                    LogReplaced();
                    _outbox.Close(new IOException("Another agent uses this data folder."));
                    return;
                }

                _leaving.Token.ThrowIfCancellationRequested();
                LogLost();
                hello = await ReconnectAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The agent is leaving.
        }
    }

    private async Task<bool> ReadAsync()
    {
        while (await _connection!.ReadAsync(_leaving.Token) is { } frame)
        {
            switch (frame.Kind)
            {
                case FrameKind.Confirmed:
                    _outbox.Confirm(frame.Sequence ?? 0);
                    break;
                case FrameKind.Replaced:
                    return true;
                default:
                    heard(frame);
                    break;
            }
        }

        return false;
    }

    private async Task<Frame> ReconnectAsync()
    {
        while (true)
        {
            try
            {
                return await ConnectAsync(_leaving.Token);
            }
            catch (IOException problem)
            {
                // The disk may be full, the program just being replaced: jobs wait, and nothing else helps.
                LogNotStarted(problem);
                await Task.Delay(LongestPause, time, _leaving.Token);
            }
        }
    }

    private async Task<Frame> ConnectAsync(CancellationToken cancellationToken)
    {
        for (var pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (_startedPid != 0 && ChildProcess.Reap(_startedPid) is not null)
            {
                _startedPid = 0;
            }

            if (program.TryConnect() is { } socket)
            {
                var connection = new SupervisorConnection(socket);
                try
                {
                    if (await connection.GreetAsync(cancellationToken) is { Kind: FrameKind.Hello } hello)
                    {
                        if (program.IsOther(hello.Program) && hello.Facts is null or [])
                        {
                            // Of another version, and with nothing to lose: its successor takes the journal over.
                            await connection.DismissAsync(cancellationToken);
                            connection.Dispose();
                            continue;
                        }

                        if (program.NeedsLease && hello.Version is not >= Frame.LeaseVersion)
                        {
                            connection.Dispose();
                            throw new IOException(
                                $"The supervisor of an earlier version still has {hello.Facts?.Length} attempts in this data folder, and knows no lease. Start that version until they have ended.");
                        }

                        _connection = connection;
                        LogConnected(hello.Pid ?? 0, hello.Facts?.Length ?? 0);
                        return hello;
                    }
                }
                catch (OperationCanceledException)
                {
                    connection.Dispose();
                    throw;
                }

                connection.Dispose();
            }

            if (program.TryStart() is { } pid)
            {
                _startedPid = pid;
                LogStarted(pid);
                continue;
            }

            // It is going, or coming; either takes a moment.
            await Task.Delay(pause, time, cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Supervisor {Pid} started")]
    private partial void LogStarted(int pid);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to supervisor {Pid}, which has {Count} attempts")]
    private partial void LogConnected(int pid, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The supervisor is lost; what it ran is stopped and called lost")]
    private partial void LogLost();

    [LoggerMessage(Level = LogLevel.Error, Message = "No supervisor can be started")]
    private partial void LogNotStarted(Exception problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Another agent has taken this data folder over; this one no longer works")]
    private partial void LogReplaced();
}
