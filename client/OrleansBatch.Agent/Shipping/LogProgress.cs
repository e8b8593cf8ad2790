using System.Buffers;
using OrleansBatch.Agent.Logs;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Logs;

namespace OrleansBatch.Agent.Shipping;

/// <summary>How far one log has been shipped, and what of it comes next.</summary>
/// <remarks>
/// What is new is a chunk, however small: it may be the last that anybody hears of this machine. When many small ones have come together, or 64 KiB are full, they are sent once more as
/// one, which takes their place. So a log has few chunks in the store, and is sent three times or so when it grows slowly, once when it grows fast.
/// </remarks>
/// <param name="log">The log.</param>
/// <param name="path">Its file.</param>
/// <param name="isNew">Whether the store surely has nothing of it; else it is asked first.</param>
internal sealed class LogProgress(LogLocation log, string path, bool isNew)
{
    /// <summary>Small chunks before they are sent again as one.</summary>
    internal const int MostSmall = 32;

    private long _seen = -1;
    private Cursor? _kept = isNew ? Cursor.At(0) : null;
    private Cursor? _next = isNew ? Cursor.At(0) : null;

    /// <summary>Whether nothing of it is to be shipped any more.</summary>
    public bool IsDone { get; private set; }

    /// <summary>The next chunks, as if those given before were kept.</summary>
    /// <param name="isOver">Whether its attempt has ended, and that has been settled.</param>
    /// <param name="mostBytes">What the store keeps of a log.</param>
    /// <param name="room">Bytes that the chunks may have together, about.</param>
    public List<LogChunk> Take(bool isOver, long mostBytes, int room)
    {
        var index = LengthOf(LogTimes.PathOf(path));
        if (index <= 0 || (index == _seen && _next is { IsAtEnd: true }))
        {
            // It has no output, or no more; or the file has been removed, or nobody closes it any more, for its supervisor was killed.
            IsDone |= isOver;
            return [];
        }

        if (_next is null)
        {
            return [Chunk(0, 0)];
        }

        using var file = LogFile.Open(path);
        if (file is null)
        {
            IsDone = true;
            return [];
        }

        _seen = index;
        var chunks = Take(file, mostBytes, room);

        // Or else it is a file that was cut: nothing more can come of it.
        IsDone |= isOver && chunks.Count == 0;
        return chunks;
    }

    /// <summary>Hears what became of the chunks that were taken last.</summary>
    /// <param name="chunks">Those.</param>
    /// <param name="answers">Of each; null: nobody knows.</param>
    public void Hear(IReadOnlyList<LogChunk> chunks, IReadOnlyList<LogKept>? answers)
    {
        if (chunks.Count == 0)
        {
            return;
        }

        if (answers is not null && _kept is not null && Enumerable.Range(0, chunks.Count).All(index => !answers[index].IsRefused && answers[index].End == chunks[index].End))
        {
            _kept = _next;
            IsDone = chunks[^1].IsClosed;
            return;
        }

        // Where the store is, whatever was thought of it.
        IsDone = answers?.Any(answer => answer.IsRefused) == true;
        _kept = answers is null ? _kept : Cursor.At(answers[^1].End);
        _next = _kept;
        _seen = -1;
    }

    private static long LengthOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : -1;
    }

    private List<LogChunk> Take(LogFile file, long mostBytes, int room)
    {
        List<LogChunk> chunks = [];
        var next = _next!.Value;
        if (file.End - next.Offset > mostBytes)
        {
            // It grows faster than it is shipped: the store is to have its end. While it grows on, half of it, or else that would be behind again at once.
            next = Cursor.Anew(LineFeedFrom(file, file.End - (file.IsClosed ? mostBytes : mostBytes / 2)));
        }

        while (room > 0 && next.Offset < file.End && Next(file, next) is ({ } chunk, var after))
        {
            chunks.Add(chunk);
            room -= (int)(chunk.End - chunk.Begin);
            next = after;
        }

        if (room > 0 && file.IsClosed && next.Offset == file.End && chunks is not [.., { IsClosed: true }])
        {
            chunks.Add(Chunk(next.Offset, next.Offset) with { IsClosed = true });
        }

        _next = next with { IsAtEnd = next.Offset >= file.End };
        return chunks;
    }

    /// <summary>What comes next, and where it is then.</summary>
    private (LogChunk? Chunk, Cursor After) Next(LogFile file, Cursor at)
    {
        var end = Math.Min(file.End, at.TailEnd);
        if (at.SmallChunks > 0 && (end == at.TailEnd || at.SmallChunks >= MostSmall))
        {
            if (Read(file, at.TailBegin, end) is { } whole && whole.End > at.Offset)
            {
                return (whole, at.After(whole));
            }

            // It came in too many small parts to become one: they stay as they are.
            at = Cursor.At(at.Offset) with { IsAnew = at.IsAnew };
        }

        return Read(file, at.Offset, end) is { } chunk && (chunk with { IsAnew = at.IsAnew }) is var next ? (next, at.After(next)) : (null, at);
    }

    private LogChunk? Read(LogFile file, long begin, long end)
    {
        var moments = file.Moments(begin, end, LogPiece.MostMoments);
        if (moments.Count == 0)
        {
            return null;
        }

        var length = (int)(moments[^1].Size - begin);
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            var bytes = buffer.AsSpan(0, length);
            return !file.TryRead(begin, bytes) ? null : Chunk(begin, begin + length) with
            {
                Time = moments[^1].Time,
                IsClosed = file.IsClosed && begin + length == file.End,
                Data = LogPiece.Write(begin, bytes, moments),
            };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A line feed not far behind: what comes after it is whole.</summary>
    private static long LineFeedFrom(LogFile file, long offset)
    {
        var bytes = file.BytesFrom(offset, file.End);
        return offset + Math.Max(0, bytes.IndexOf((byte)'\n'));
    }

    private LogChunk Chunk(long begin, long end) => new() { Log = log, Begin = begin, End = end };

    /// <summary>How far it is.</summary>
    /// <param name="Offset">Where it goes on.</param>
    /// <param name="TailBegin">Where the small chunks begin that are to become one.</param>
    /// <param name="SmallChunks">How many there are.</param>
    /// <param name="IsAnew">Whether what is before was not shipped, and will not be.</param>
    /// <param name="IsAtEnd">Whether that was all.</param>
    private readonly record struct Cursor(long Offset, long TailBegin, int SmallChunks, bool IsAnew, bool IsAtEnd)
    {
        /// <summary>Where the large chunk ends: at a whole multiple, so that it is found again.</summary>
        public long TailEnd => ((TailBegin / LogPiece.MostBytes) + 1) * LogPiece.MostBytes;

        public static Cursor At(long offset) => new(offset, offset, 0, IsAnew: false, IsAtEnd: false);

        public static Cursor Anew(long offset) => At(offset) with { IsAnew = true };

        public Cursor After(LogChunk chunk) => chunk.Data.IsEmpty ? this
            : chunk.End == TailEnd || chunk.IsAnew ? At(chunk.End)
            : new(chunk.End, TailBegin, chunk.Begin == TailBegin ? 1 : SmallChunks + 1, IsAnew: false, IsAtEnd: false);
    }
}
