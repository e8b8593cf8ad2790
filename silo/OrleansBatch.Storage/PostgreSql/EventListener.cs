using Microsoft.Extensions.Logging;
using Npgsql;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Hears of the events that other silos commit. Connects when someone waits for the first time, and again whenever the connection is lost.</summary>
internal sealed partial class EventListener(string connectionString, EventSignal events, ILogger logger) : IAsyncDisposable
{
    internal const string Newest = "SELECT last_event FROM counters WHERE id = 1";

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly Lock _lock = new();
    private Task? _running;

    /// <summary>From now on at the latest, everything that is committed anywhere is heard of.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _running ??= _closing.IsCancellationRequested ? null : Task.Run(RunAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_lock)
        {
            _closing.Cancel();
            running = _running;
        }

        await (running ?? Task.CompletedTask);
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = TimeSpan.FromMilliseconds(20);
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(() => pause = TimeSpan.FromMilliseconds(20));
            }
            catch (Exception) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Whatever it was, those who wait depend on the next try.
                LogLost(pause, e);
                await Task.Delay(pause, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    private async Task ListenAsync(Action connected)
    {
        await using var connection = PostgresConnections.Listener(connectionString);
        connection.Notification += (_, notification) => events.Raise(long.Parse(notification.Payload, System.Globalization.CultureInfo.InvariantCulture));
        await connection.OpenAsync(_closing.Token);
        await using (var listen = new NpgsqlCommand($"LISTEN {EventChannel.Name}", connection))
        {
            _ = await listen.ExecuteNonQueryAsync(_closing.Token);
        }

        // What was committed before is in the table, what comes later is told.
        await using (var newest = new NpgsqlCommand(Newest, connection))
        {
            events.Raise((long)(await newest.ExecuteScalarAsync(_closing.Token))!);
        }

        connected();
        while (true)
        {
            await connection.WaitAsync(_closing.Token);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection that hears of events was lost; the next try comes in {Pause}")]
    private partial void LogLost(TimeSpan pause, Exception exception);
}
