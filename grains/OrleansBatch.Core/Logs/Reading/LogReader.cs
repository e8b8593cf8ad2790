using System.Collections.Immutable;
using System.Text;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs.Reading;

/// <summary>Reads pages of a log, wherever its bytes lie: pages and tokens are the same for the file and for what was shipped of it.</summary>
/// <remarks>
/// While the writer lives, what counts is what has a time, up to the last whole line: a line is given once, with the
/// time that it will always have. When the log is closed, all of it counts, also a last line without an end.
/// A line longer than a page is cut where the file's offset is a multiple of the page's bytes, moved back to the begin of a
/// character: so both directions cut it alike, without looking for its begin. Where the begin of the log is gone, what is left of the line that was
/// cut through is not given.
/// </remarks>
public sealed class LogReader
{
    private readonly ILogSource _source;
    private readonly LogText _bytes;
    private readonly int _maxBytes;
    private readonly long _end;

    private LogReader(ILogSource source, int maxBytes)
    {
        _source = source;
        _bytes = new(source);
        _maxBytes = maxBytes;
        _end = source.IsClosed ? source.End : LastWhole(source.End);
    }

    /// <summary>Reads a page.</summary>
    /// <param name="source">The log, which exists.</param>
    /// <param name="query">Which page of it.</param>
    /// <param name="cancellationToken">Ends a read that takes long, of a log of nothing but empty lines.</param>
    public static LogPage Read(ILogSource source, LogQuery query, CancellationToken cancellationToken)
    {
        var reader = new LogReader(source, Math.Max(4, query.MaxBytes));
        return query.Forwards ? reader.Forwards(query, cancellationToken) : reader.Backwards(query, cancellationToken);
    }

    /// <summary>The page of a log that is not there.</summary>
    public static LogPage None(LogQuery query) => new() { Exists = false, Begin = query.Offset ?? 0, End = query.Offset ?? 0 };

    private LogPage Forwards(LogQuery query, CancellationToken cancellationToken)
    {
        if (query.Offset > _end)
        {
            // Read from somewhere where more of the log is: it goes on there, and not with what was given before.
            return Page([], query.Offset.Value, query.Offset.Value, hasMore: false);
        }

        var offset = query.Offset is { } asked && asked > _source.Begin ? asked : Math.Min(FirstLine(), _end);
        var begin = query.From is { } from ? Math.Max(offset, LineStartFor(_source.SizeBefore(from), offset)) : offset;
        var limit = query.Until is { } until ? Math.Min(_end, _source.SizeBefore(until)) : _end;
        var pieces = new List<Piece>();
        var room = (long)_maxBytes;
        var at = begin;
        var isFull = false;
        while (at < limit && pieces.Count < query.Limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = PieceFrom(at);
            if (piece.Next > limit)
            {
                break;
            }

            if (pieces.Count > 0 && piece.Length > room)
            {
                isFull = true;
                break;
            }

            room -= piece.Length;
            at = piece.Next;
            if (piece.Length > 0)
            {
                pieces.Add(piece);
            }
        }

        return Page(pieces, begin, at, isFull || (pieces.Count >= query.Limit && at < limit));
    }

    private LogPage Backwards(LogQuery query, CancellationToken cancellationToken)
    {
        if (query.Offset <= _source.Begin)
        {
            return Page([], query.Offset.Value, query.Offset.Value, hasMore: false);
        }

        var end = Math.Min(query.Offset ?? _end, _end);
        if (query.Until is { } until)
        {
            end = Math.Min(end, LastWholeUpTo(_source.SizeBefore(until), end));
        }

        // A line counts by its end: it is too early if it ends where the log had come to before the time.
        var limit = query.From is { } from ? Math.Max(_source.Begin, _source.SizeBefore(from)) : _source.Begin;
        var pieces = new List<Piece>();
        var room = (long)_maxBytes;
        var at = end;
        var isFull = false;
        while (at > limit && pieces.Count < query.Limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = PieceBefore(at);
            if (piece.Begin <= _source.Begin && _source.Begin > 0)
            {
                // The rest of a line whose begin is gone.
                break;
            }

            if (pieces.Count > 0 && piece.Length > room)
            {
                isFull = true;
                break;
            }

            room -= piece.Length;
            at = piece.Begin;
            if (piece.Length > 0)
            {
                pieces.Add(piece);
            }
        }

        pieces.Reverse();
        return Page(pieces, at, end, isFull || (pieces.Count >= query.Limit && at > limit));
    }

    private LogPage Page(List<Piece> pieces, long begin, long end, bool hasMore)
    {
        var lines = ImmutableArray.CreateBuilder<LogLine>(pieces.Count);
        foreach (var piece in pieces)
        {
            var text = Encoding.UTF8.GetString(_bytes.Copy(piece.Begin, piece.TextEnd));
            lines.Add(new(_source.TimeOf(piece.Next), text, piece.Begin));
        }

        return new() { Exists = true, Lines = lines.MoveToImmutable(), Begin = begin, End = end, HasMore = hasMore };
    }

    /// <summary>Where the first line begins of which all is there.</summary>
    private long FirstLine()
    {
        var begin = _source.Begin;
        if (begin == 0)
        {
            return 0;
        }

        var feed = _bytes.FirstLineFeed(begin, Math.Min(_source.End, begin + _maxBytes + 1));
        return feed >= 0 ? feed + 1 : CutAfter(begin);
    }

    /// <summary>The line, or piece of one, that begins here.</summary>
    private Piece PieceFrom(long begin)
    {
        var feed = _bytes.FirstLineFeed(begin, Math.Min(_end, begin + _maxBytes + 1));
        if (feed >= 0)
        {
            return Line(begin, feed, feed + 1);
        }

        return _end - begin <= _maxBytes ? Line(begin, _end, _end) : new(begin, CutAfter(begin), CutAfter(begin));
    }

    /// <summary>The line, or piece of one, that ends here, its line feed included.</summary>
    private Piece PieceBefore(long end)
    {
        var textEnd = _bytes.At(end - 1) == '\n' ? end - 1 : end;
        var feed = _bytes.LastLineFeed(Math.Max(_source.Begin, textEnd - _maxBytes - 1), textEnd);
        var begin = feed >= 0 ? feed + 1 : textEnd - _source.Begin <= _maxBytes ? _source.Begin : CutBefore(textEnd);
        return Line(begin, textEnd, end);
    }

    private Piece Line(long begin, long textEnd, long next) =>
        new(begin, textEnd > begin && next > textEnd && _bytes.At(textEnd - 1) == '\r' ? textEnd - 1 : textEnd, next);

    private long CutAfter(long offset)
    {
        for (var multiple = (offset / _maxBytes) + 1; ; multiple++)
        {
            if (CharacterAt(multiple * _maxBytes) is var cut && cut > offset)
            {
                return cut;
            }
        }
    }

    private long CutBefore(long offset)
    {
        for (var multiple = (offset - 1) / _maxBytes; ; multiple--)
        {
            if (CharacterAt(multiple * _maxBytes) is var cut && cut < offset)
            {
                return Math.Max(_source.Begin, cut);
            }
        }
    }

    /// <summary>Where the character begins that this byte is part of.</summary>
    private long CharacterAt(long offset)
    {
        for (var back = 0; back < 4 && offset - back > 0; back++)
        {
            if ((_bytes.At(offset - back) & 0xC0) != 0x80)
            {
                return offset - back;
            }
        }

        // Four bytes on end are no UTF-8 at all, and may be cut anywhere.
        return offset;
    }

    /// <summary>Up to where lines are whole, or pieces of a very long one are.</summary>
    private long LastWhole(long size)
    {
        var begin = _source.Begin;
        if (size <= begin)
        {
            return begin;
        }

        var feed = _bytes.LastLineFeed(Math.Max(begin, size - _maxBytes - 1), size);
        return feed >= 0 ? feed + 1 : size - begin <= _maxBytes ? begin : CutBefore(size);
    }

    private long LastWholeUpTo(long size, long end) => size >= end ? end : LastWhole(size);

    /// <summary>The begin of the line that the byte at this offset is in, but not before another offset, which is a line's begin.</summary>
    private long LineStartFor(long offset, long notBefore)
    {
        if (offset <= notBefore)
        {
            return notBefore;
        }

        var feed = _bytes.LastLineFeed(Math.Max(notBefore, offset - _maxBytes - 1), offset);
        return feed >= 0 ? feed + 1 : offset - notBefore <= _maxBytes ? notBefore : CutBefore(offset);
    }

    private readonly record struct Piece(long Begin, long TextEnd, long Next)
    {
        public long Length => TextEnd - Begin;
    }
}
