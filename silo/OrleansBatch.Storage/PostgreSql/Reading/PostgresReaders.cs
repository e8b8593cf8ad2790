using System.Data;
using System.Diagnostics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Npgsql;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Reads from the pool. A database that is away for a moment is waited for: reading is repeated without harm.</summary>
internal sealed partial class PostgresReaders(NpgsqlDataSource source, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Reads; each statement sees all that was answered before it.</summary>
    /// <exception cref="JobStoreException">The database could not be read.</exception>
    public async Task<TAnswer> ReadAsync<TAnswer>(Func<PostgresSession, Task<TAnswer>> read, CancellationToken cancellationToken)
    {
        var begun = Stopwatch.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(20); ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks)))
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                return await read(new(connection, cancellationToken));
            }
            catch (Exception e) when (IsAway(e) && Stopwatch.GetElapsedTime(begun) < Patience)
            {
                // The others in the pool have the same fate.
                source.Clear();
                LogAway(pause, e);
                await Task.Delay(pause, cancellationToken);
            }
            catch (Exception e) when (e is NpgsqlException or SocketException or TimeoutException)
            {
                throw new JobStoreException($"The database could not be read. {e.Message}", e);
            }
            catch (ObjectDisposedException e)
            {
                throw new JobStoreException("The store is closed.", e);
            }
        }
    }

    /// <summary>The same, with several statements that see one and the same state.</summary>
    public Task<TAnswer> ReadTogetherAsync<TAnswer>(Func<PostgresSession, Task<TAnswer>> read, CancellationToken cancellationToken) => ReadAsync(
        async session =>
        {
            await using var transaction = await session.Connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            var answer = await read(session);
            await transaction.CommitAsync(cancellationToken);
            return answer;
        },
        cancellationToken);

    /// <summary>Whether the server is away, or about to be: it comes back.</summary>
    public static bool IsAway(Exception exception) => exception switch
    {
        PostgresException { SqlState: var state } => state.StartsWith("08", StringComparison.Ordinal) || state.StartsWith("57P", StringComparison.Ordinal)
            || state is PostgresErrorCodes.TooManyConnections,
        // No connection became free: nothing is wrong with the server.
        NpgsqlException { InnerException: TimeoutException } => false,
        NpgsqlException or SocketException => true,
        _ => false,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database is away, nothing was read; the next try comes in {Pause}")]
    private partial void LogAway(TimeSpan pause, Exception exception);
}
