using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Grains.Logs;

/// <summary>Reads pages of what was shipped of a log.</summary>
internal sealed class ShippedLogReader(IShippedLogStore store)
{
    /// <summary>Chunks that are read at once, at most: 1 MiB of lines, which is a page.</summary>
    private const int MostAtOnce = 16;

    /// <summary>How often a reading begins anew because its agent has replaced chunks meanwhile.</summary>
    private const int Tries = 5;

    /// <summary>A page; one that does not exist where nothing was shipped.</summary>
    /// <exception cref="JobStoreException">The store could not be read, or was written faster than it could be read.</exception>
    public async Task<LogPage> ReadAsync(LogQuery query, CancellationToken cancellationToken)
    {
        for (var tried = 0; tried < Tries; tried++)
        {
            if (await store.ReadHeadAsync(query.Log, cancellationToken) is not { } head)
            {
                return LogReader.None(query);
            }

            if (await ReadAsync(new(head.Chunks, head.State), query, cancellationToken) is { } page)
            {
                return page;
            }
        }

        throw new JobStoreException($"Log stream {query.Log.Stream} was written while it was read, {Tries} times.");
    }

    /// <returns>Null: its chunks are others by now.</returns>
    private async Task<LogPage?> ReadAsync(ShippedLog log, LogQuery query, CancellationToken cancellationToken)
    {
        for (var atOnce = query.Limit == 1 ? 1 : 2; ; atOnce = Math.Min(2 * atOnce, MostAtOnce))
        {
            var page = LogReader.Read(log, query, cancellationToken);
            if (log.Missing is null)
            {
                return page;
            }

            var (first, last) = log.Wanted(query.Forwards, atOnce);
            if (!log.Bring(first, await store.ReadAsync(query.Log, log[first].Begin, log[last].Begin, cancellationToken)))
            {
                return null;
            }
        }
    }
}
