using System.Text;
using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Logs;

/// <summary>A log as its attempt wrote it: each line one millisecond after the one before.</summary>
internal sealed class WrittenLog(LogLocation log, DateTimeOffset begun, params string[] lines) : ILogSource
{
    private readonly byte[] _bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));

    public long Begin => 0;

    public long End => _bytes.Length;

    public bool IsClosed => true;

    private LogMoment[] Moments => [.. lines.Select((_, index) => new LogMoment(EndOf(index), begun.ToUnixTimeMilliseconds() + index))];

    public ReadOnlySpan<byte> BytesFrom(long from, long to) => from >= End ? [] : _bytes.AsSpan((int)from..(int)Math.Min(to, End));

    public ReadOnlySpan<byte> BytesUpTo(long from, long to) => to > End ? [] : _bytes.AsSpan((int)from..(int)to);

    public DateTimeOffset TimeOf(long end) => DateTimeOffset.FromUnixTimeMilliseconds(Moments.First(moment => moment.Size >= end).Time);

    public long SizeBefore(DateTimeOffset time) => Moments.LastOrDefault(moment => moment.Time < time.ToUnixTimeMilliseconds()).Size;

    /// <summary>Its first lines, a chunk of each; all of them: and nothing comes after.</summary>
    public LogChunk[] Shipped(int count) => [.. Enumerable.Range(0, count).Select(index =>
    {
        var (begin, end) = (index == 0 ? 0 : EndOf(index - 1), EndOf(index));
        return new LogChunk
        {
            Log = log,
            Begin = begin,
            End = end,
            IsClosed = index == lines.Length - 1,
            Time = Moments[index].Time,
            Data = LogPiece.Write(begin, BytesFrom(begin, end), [Moments[index]]),
        };
    })];

    private long EndOf(int index) => lines.Take(index + 1).Sum(line => Encoding.UTF8.GetByteCount(line) + 1);
}
