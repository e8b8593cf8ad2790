using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Stores;

/// <summary>What agents on other machines have shipped of their logs, for when they are gone. Bounded: so many bytes of each log, for so many days.</summary>
/// <remarks>Not in the transactions of jobs, and nobody waits for it: a log's lines are first of all where they were written.</remarks>
public interface IShippedLogStore
{
    /// <summary>Keeps chunks of many logs, in one transaction. Safe to repeat. Which are taken is decided by <see cref="ShippedLogBook"/>.</summary>
    /// <param name="chunks">The chunks; those of one log in their order.</param>
    /// <param name="mostBytes">Bytes that are kept of each log, the newest.</param>
    /// <param name="now">For <see cref="RemoveAsync"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>Of each chunk, where its log is then.</returns>
    /// <exception cref="JobStoreException">Not kept, or nobody knows.</exception>
    Task<IReadOnlyList<LogKept>> KeepAsync(IReadOnlyList<LogChunk> chunks, long mostBytes, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What there is of a log, without its bytes; null: nothing.</summary>
    Task<ShippedLogHead?> ReadHeadAsync(LogLocation log, CancellationToken cancellationToken);

    /// <summary>Chunks of a log, by offset; none where they have been replaced or removed.</summary>
    /// <param name="log">The log.</param>
    /// <param name="first">Where the first begins.</param>
    /// <param name="last">Where the last begins.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<IReadOnlyList<LogPiece>> ReadAsync(LogLocation log, long first, long last, CancellationToken cancellationToken);

    /// <summary>Removes logs of which nothing has come since a time, to the day.</summary>
    /// <returns>How many, at most as asked.</returns>
    Task<int> RemoveAsync(DateTimeOffset before, int most, CancellationToken cancellationToken);
}

/// <summary>What a store has of a log.</summary>
/// <param name="State">How far it goes.</param>
/// <param name="Chunks">In their order.</param>
public sealed record ShippedLogHead(ShippedLogState State, IReadOnlyList<ShippedChunk> Chunks);
