using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs.Shipping;

/// <summary>Decides what becomes of the chunks of one log that a message brings, and says what is to be written.</summary>
/// <remarks>
/// What the store has of a log is always one piece: chunk after chunk, without holes. A chunk is taken where the store has come to, or from the begin of a chunk that it has on, which
/// it then replaces together with those behind it: so small ones become a large one, and a message may come twice. Whatever else comes is answered with where the store is, and its agent
/// goes on from there. What lies further than <paramref name="mostBytes"/> before the end is given up: why an attempt ended stands at the end of its log.
/// </remarks>
/// <param name="stored">What the store has; null: nothing.</param>
/// <param name="begins">Which of the chunks' offsets are begins of chunks that the store has.</param>
/// <param name="mostBytes">Bytes that are kept of a log, about.</param>
public sealed class ShippedLogBook(ShippedLogState? stored, IEnumerable<long> begins, long mostBytes)
{
    private readonly ShippedLogState? _before = stored;
    private readonly HashSet<long> _begins = [.. begins];
    private readonly List<LogChunk> _written = [];

    /// <summary>What the store has then; null: nothing.</summary>
    public ShippedLogState? State { get; private set; } = stored;

    /// <summary>Whether anything is to be written.</summary>
    public bool IsChanged => State != _before || _written.Count > 0;

    /// <summary>Chunks to write.</summary>
    public IReadOnlyList<LogChunk> Written => _written;

    /// <summary>Before that, chunks that begin here or later are to be removed; null: none.</summary>
    public long? RemovedFrom { get; private set; }

    /// <summary>After that, chunks that begin before this are to be removed; null: none.</summary>
    /// <remarks>They end before what is kept, for none is longer than <see cref="LogPiece.MostBytes"/>.</remarks>
    public long? RemovedBefore => State is { } state && state.End - mostBytes - LogPiece.MostBytes is > 0 and var before && _written.Count > 0 ? before : null;

    /// <summary>Takes a chunk, or not.</summary>
    /// <returns>Where the store is then.</returns>
    public LogKept Take(LogChunk chunk)
    {
        var end = State?.End ?? 0;
        if (chunk.Data.IsEmpty)
        {
            // It closes what there is, or only asks.
            if (chunk.IsClosed && chunk.Begin == end && State is not null)
            {
                State = new(end, IsClosed: true);
            }

            return new(end);
        }

        if (chunk.IsAnew && chunk.Begin > end)
        {
            Replace(0, chunk);
        }
        else if (chunk.Begin == end || (chunk.Begin < end && chunk.End >= end && _begins.Contains(chunk.Begin)))
        {
            Replace(chunk.Begin, chunk);
        }

        return new(State?.End ?? 0);
    }

    private void Replace(long from, LogChunk chunk)
    {
        if (from < (State?.End ?? 0))
        {
            RemovedFrom = Math.Min(RemovedFrom ?? from, from);
        }

        _written.RemoveAll(one => one.Begin >= from);
        _begins.RemoveWhere(begin => begin >= from);
        _written.Add(chunk);
        _ = _begins.Add(chunk.Begin);
        State = new(chunk.End, chunk.IsClosed || (State is { IsClosed: true, End: var end } && end == chunk.End));
    }
}

/// <summary>What a store has of a log.</summary>
/// <param name="End">Up to which offset.</param>
/// <param name="IsClosed">Whether that is all.</param>
public readonly record struct ShippedLogState(long End, bool IsClosed);

/// <summary>A chunk that a store has, without its data.</summary>
/// <param name="Begin">Offset of its first byte.</param>
/// <param name="End">Offset behind its last byte.</param>
/// <param name="Time">When its last byte had arrived, in milliseconds since 1970.</param>
public readonly record struct ShippedChunk(long Begin, long End, long Time);
