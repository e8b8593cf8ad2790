using System.Text;
using CsCheck;
using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Core.Tests.Logs.Shipping;

/// <summary>A log in memory, as its attempt wrote it.</summary>
internal sealed class ALog(byte[] bytes, LogMoment[] moments, bool isClosed) : ILogSource
{
    public static readonly LogLocation Location = new() { Scope = new("1", "r"), Group = "g", Stream = "s" };

    public long Begin => 0;

    public long End => bytes.Length;

    public bool IsClosed => isClosed;

    /// <summary>Lines of all kinds, some of them longer than a page, which arrive in arbitrary parts.</summary>
    public static Gen<ALog> Any { get; } =
        from text in Gen.OneOf(Gen.Char['a', 'c'].Select(c => $"{c}"), Gen.Const("\n"), Gen.Const("\n"), Gen.Const("\r\n"), Gen.Const("€"), Gen.Const("\0")).Array[0, 200]
        from cuts in Gen.Int[0, 600].Array[0, 12]
        from times in Gen.Long[0, 3].Array[13]
        from isClosed in Gen.Bool
        select Of(Encoding.UTF8.GetBytes(string.Concat(text)), cuts, times, isClosed);

    public ReadOnlySpan<byte> BytesFrom(long from, long to) => from >= bytes.Length ? [] : bytes.AsSpan((int)from..(int)Math.Min(to, bytes.Length));

    public ReadOnlySpan<byte> BytesUpTo(long from, long to) => to > bytes.Length ? [] : bytes.AsSpan((int)from..(int)to);

    public DateTimeOffset TimeOf(long end) => DateTimeOffset.FromUnixTimeMilliseconds(moments.First(moment => moment.Size >= end).Time);

    public long SizeBefore(DateTimeOffset time) => moments.LastOrDefault(moment => moment.Time < time.ToUnixTimeMilliseconds()).Size;

    /// <summary>A part of it, as an agent ships it.</summary>
    public LogChunk Chunk(long begin, long end)
    {
        List<LogMoment> within = [.. moments.Where(moment => moment.Size > begin && moment.Size < end), new(end, TimeOf(end).ToUnixTimeMilliseconds())];
        return new()
        {
            Log = Location,
            Begin = begin,
            End = end,
            IsClosed = isClosed && end == bytes.Length,
            Time = within[^1].Time,
            Data = LogPiece.Write(begin, bytes.AsSpan((int)begin..(int)end), within),
        };
    }

    /// <summary>All of it from somewhere on, cut into chunks of so many bytes, one after another.</summary>
    public LogChunk[] Chunks(long from, params IEnumerable<int> lengths)
    {
        List<LogChunk> chunks = [];
        foreach (var length in lengths.Append(int.MaxValue))
        {
            if (from < End)
            {
                var end = Math.Min(End, from + Math.Max(1L, length));
                chunks.Add(Chunk(from, end));
                from = end;
            }
        }

        return [.. chunks];
    }

    private static ALog Of(byte[] bytes, int[] cuts, long[] times, bool isClosed)
    {
        var time = 1_000L;
        List<LogMoment> moments = [];
        foreach (var cut in cuts.Where(cut => cut > 0 && cut < bytes.Length).Distinct().Order().Append(bytes.Length))
        {
            moments.Add(new(cut, time += times[moments.Count]));
        }

        return new(bytes, [.. moments], isClosed);
    }
}
