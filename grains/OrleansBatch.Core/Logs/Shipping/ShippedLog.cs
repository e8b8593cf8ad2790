using OrleansBatch.Core.Logs.Reading;

namespace OrleansBatch.Core.Logs.Shipping;

/// <summary>What was shipped of a log, to be read like its file. Its chunks are brought as they are missed.</summary>
/// <remarks>
/// A reading that meets a chunk that is not there goes on with nothing, and says so in <see cref="Missing"/>: its page is void. Whoever reads brings what is missing, and reads again.
/// </remarks>
public sealed class ShippedLog : ILogSource
{
    private readonly ShippedChunk[] _chunks;
    private readonly LogPiece?[] _pieces;

    /// <summary>None of its chunks is there yet.</summary>
    /// <param name="chunks">All that the store has, in their order, each where the one before it ends.</param>
    /// <param name="state">How far they go.</param>
    public ShippedLog(IReadOnlyList<ShippedChunk> chunks, ShippedLogState state)
    {
        _chunks = [.. chunks];
        _pieces = new LogPiece?[chunks.Count];
        End = chunks is [.., var last] ? last.End : state.End;
        Begin = chunks is [var first, ..] ? first.Begin : End;
        IsClosed = state.IsClosed;
    }

    /// <inheritdoc/>
    public long Begin { get; }

    /// <inheritdoc/>
    public long End { get; }

    /// <inheritdoc/>
    public bool IsClosed { get; }

    /// <summary>The first chunk that was missed since the last <see cref="Bring"/>, by its place among all; null: none.</summary>
    public int? Missing { get; private set; }

    /// <summary>A chunk's offsets.</summary>
    public ShippedChunk this[int index] => _chunks[index];

    /// <summary>Of the chunks from the missing one on, so many as are wanted and not there, in the direction in which it is read.</summary>
    /// <returns>The places of the first and the last.</returns>
    public (int First, int Last) Wanted(bool forwards, int most)
    {
        var missing = Missing ?? throw new InvalidOperationException("Nothing is missing.");
        var step = forwards ? 1 : -1;
        var end = missing;
        for (var next = missing + step; next >= 0 && next < _chunks.Length && _pieces[next] is null && Math.Abs(next - missing) < most; next += step)
        {
            end = next;
        }

        return (Math.Min(missing, end), Math.Max(missing, end));
    }

    /// <summary>Brings chunks.</summary>
    /// <returns>Whether they are those that were wanted: else the store has others by now.</returns>
    public bool Bring(int first, IReadOnlyList<LogPiece> pieces)
    {
        Missing = null;
        for (var index = 0; index < pieces.Count; index++)
        {
            if (first + index >= _chunks.Length || _chunks[first + index] is var chunk && (chunk.Begin != pieces[index].Begin || chunk.End != pieces[index].End))
            {
                return false;
            }

            _pieces[first + index] = pieces[index];
        }

        return pieces.Count > 0;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesFrom(long from, long to)
    {
        if (Piece(from) is not { } piece)
        {
            return [];
        }

        var bytes = piece.Bytes[(int)(from - piece.Begin)..];
        return bytes.Length > to - from ? bytes[..(int)(to - from)] : bytes;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesUpTo(long from, long to)
    {
        if (Piece(to - 1) is not { } piece)
        {
            return [];
        }

        var bytes = piece.Bytes[..(int)(to - piece.Begin)];
        return bytes.Length > to - from ? bytes[^(int)(to - from)..] : bytes;
    }

    /// <inheritdoc/>
    public DateTimeOffset TimeOf(long end)
    {
        if (Piece(end - 1) is not { } piece)
        {
            return DateTimeOffset.UnixEpoch;
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(piece.Moments[First(piece.Moments.Length, index => piece.Moments[index].Size >= end)].Time);
    }

    /// <inheritdoc/>
    public long SizeBefore(DateTimeOffset time)
    {
        // A time between two milliseconds is after the first of them.
        var at = time.ToUnixTimeMilliseconds();
        at = time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? at : at + 1;
        var chunk = First(_chunks.Length, index => _chunks[index].Time >= at);
        if (chunk == _chunks.Length)
        {
            return End;
        }

        if (Piece(_chunks[chunk].Begin) is not { } piece)
        {
            return _chunks[chunk].Begin;
        }

        var moment = First(piece.Moments.Length, index => piece.Moments[index].Time >= at);
        return moment == 0 ? piece.Begin : piece.Moments[moment - 1].Size;
    }

    private LogPiece? Piece(long offset)
    {
        if (offset < Begin || offset >= End)
        {
            return null;
        }

        var index = First(_chunks.Length, chunk => _chunks[chunk].End > offset);
        var piece = _pieces[index];
        if (piece is null)
        {
            Missing ??= index;
        }

        return piece;
    }

    /// <summary>The first of so many, in halves, of which it holds; their number when it holds of none.</summary>
    private static int First(int count, Func<int, bool> holds)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (holds(middle))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
