using System.Collections.Immutable;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Nodes;

/// <summary>Logs of the node's attempts: read where they were written, or kept for when that is gone.</summary>
internal sealed partial class NodeGrain
{
    public async Task<LogPage?> ReadLog(LogQuery query, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
        {
            return null;
        }

        try
        {
            return await connection.ReadLog(query).WaitAsync(Patience, time, cancellationToken);
        }
        // Whatever it is: of an agent on another machine the store has what was shipped.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested && (_row?.Lease is not null || IsOfTheWay(exception)))
        {
            LogLogNotRead(exception, NodeId, query.Log.Stream);
            return null;
        }
    }

    public async Task<LogsKept> KeepLogs(long session, ImmutableArray<LogChunk> chunks, CancellationToken cancellationToken)
    {
        if (_connection is null || session != _session)
        {
            throw new StaleSessionException(session, _session);
        }

        bool[] isMine = [.. chunks.Select(IsMine)];
        var kept = new Queue<LogKept>(await shippedLogs.KeepAsync([.. chunks.Where((_, index) => isMine[index])], shipping.MostBytes, time.GetUtcNow(), cancellationToken));
        return new([.. isMine.Select(mine => mine ? kept.Dequeue() : new(0, IsRefused: true))], shipping.MostBytes);
    }

    /// <summary>A node ships the logs of its own attempts, whatever it says: which those are is seen from their names.</summary>
    private bool IsMine(LogChunk chunk) => NodeMarks.IsOn(chunk.Log.Stream, NodeId) && LogPiece.IsSound(chunk);

    private static bool IsOfTheWay(Exception exception) => exception is OrleansException or TimeoutException or ObjectDisposedException;
}
