using System.Collections.Immutable;
using System.Text;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Agent.Logs;

/// <summary>Reads pages of a log, from the file and the index beside it alone.</summary>
/// <remarks>
/// While the writer lives, what counts is what the index covers, up to the last whole line: a line is given once, with the
/// time that it will always have. When the index is closed, all of the file counts, also a last line without an end.
/// A line longer than a page is cut where the file's offset is a multiple of the page's bytes, moved back to the begin of a
/// character: so both directions cut it alike, without looking for its begin.
/// </remarks>
internal sealed class LogReader
{
    private readonly LogBytes _bytes;
    private readonly LogClock _clock;
    private readonly int _maxBytes;
    private readonly long _end;

    private LogReader(LogBytes bytes, LogClock clock, int maxBytes)
    {
        _bytes = bytes;
        _clock = clock;
        _maxBytes = maxBytes;
        _end = clock.Last.Closed ? bytes.Length : LastWhole(Math.Min(clock.Last.Size, bytes.Length));
    }

    /// <summary>Reads a page.</summary>
    /// <param name="path">The log's file.</param>
    /// <param name="query">Which page of it.</param>
    /// <param name="cancellationToken">Ends a read that takes long, of a log of nothing but empty lines.</param>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public static LogPage Read(string path, LogQuery query, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
        {
            return new() { Exists = false, Begin = query.Offset ?? 0, End = query.Offset ?? 0 };
        }

        // The index first: what it covers is in the log, which may have grown since.
        using var clock = LogClock.Open(path);
        using var bytes = new LogBytes(File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete));
        var reader = new LogReader(bytes, clock, Math.Max(4, query.MaxBytes));
        return query.Forwards ? reader.Forwards(query, cancellationToken) : reader.Backwards(query, cancellationToken);
    }

    private LogPage Forwards(LogQuery query, CancellationToken cancellationToken)
    {
        var offset = Math.Clamp(query.Offset ?? 0, 0, _end);
        var begin = query.From is { } from ? Math.Max(offset, LineStartFor(_clock.SizeBefore(from), offset)) : offset;
        var limit = query.Until is { } until ? Math.Min(_end, _clock.SizeBefore(until)) : _end;
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
        var end = Math.Clamp(query.Offset ?? _end, 0, _end);
        if (query.Until is { } until)
        {
            end = Math.Min(end, LastWholeUpTo(_clock.SizeBefore(until), end));
        }

        // A line counts by its end: it is too early if it ends where the log had come to before the time.
        var limit = query.From is { } from ? _clock.SizeBefore(from) : 0;
        var pieces = new List<Piece>();
        var room = (long)_maxBytes;
        var at = end;
        var isFull = false;
        while (at > limit && pieces.Count < query.Limit)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var piece = PieceBefore(at);
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
            lines.Add(new(_clock.TimeOf(piece.Next), text, piece.Begin));
        }

        return new() { Exists = true, Lines = lines.MoveToImmutable(), Begin = begin, End = end, HasMore = hasMore };
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
        var feed = _bytes.LastLineFeed(Math.Max(0, textEnd - _maxBytes - 1), textEnd);
        var begin = feed >= 0 ? feed + 1 : textEnd <= _maxBytes ? 0 : CutBefore(textEnd);
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
                return Math.Max(0, cut);
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
        if (size == 0)
        {
            return 0;
        }

        var feed = _bytes.LastLineFeed(Math.Max(0, size - _maxBytes - 1), size);
        return feed >= 0 ? feed + 1 : size <= _maxBytes ? 0 : CutBefore(size);
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
