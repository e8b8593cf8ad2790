using CsCheck;
using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Tests.Logs.Shipping;

public sealed class ShippedLogTests
{
    private static readonly Gen<LogQuery> Queries =
        from forwards in Gen.Bool
        from offset in Gen.Long[0, 700]
        from hasOffset in Gen.Bool
        from at in Gen.Long[995, 1_040]
        from until in Gen.Long[995, 1_040]
        from spans in Gen.Int[0, 3]
        from limit in Gen.Int[1, 30]
        from maxBytes in Gen.Int[4, 60]
        select new LogQuery
        {
            Log = ALog.Location,
            Forwards = forwards,
            Offset = hasOffset ? offset : null,
            From = (spans & 1) == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(at),
            Until = (spans & 2) == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(until),
            Limit = limit,
            MaxBytes = maxBytes,
        };

    [Fact]
    public void What_was_shipped_of_a_log_is_read_like_its_file_however_it_was_cut() => Gen.Select(ALog.Any, Gen.Int[1, 80].Array[0, 12], Queries).Sample((log, lengths, query) =>
    {
        var chunks = log.Chunks(0, lengths);
        var expected = LogReader.Read(log, query, CancellationToken.None);

        var page = Read(chunks, new(log.End, log.IsClosed), query);

        Assert.Equal(expected.Lines, page.Lines);
        Assert.Equal(expected with { Lines = [] }, page with { Lines = [] });
    });

    [Fact]
    public void Where_the_begin_is_gone_pages_in_both_directions_give_every_whole_line_that_is_left() => Gen.Select(ALog.Any, Gen.Int[1, 400], Gen.Int[1, 5]).Sample((log, begin, limit) =>
    {
        if (begin >= log.End)
        {
            return;
        }

        var chunks = log.Chunks(begin, 20, 20);
        var whole = All(log.Chunks(0), log, forwards: true, limit).Where(line => line.Offset > begin).ToList();

        Assert.Equal(whole, All(chunks, log, forwards: true, limit));
        Assert.Equal(whole, All(chunks, log, forwards: false, limit));
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_token_of_where_more_of_a_log_was_stays_as_it_is(bool isClosed)
    {
        var log = Lines(100);

        var page = Read(log.Chunks(0, 500)[..1], new(500, isClosed), Query(forwards: true) with { Offset = 700 });

        Assert.Empty(page.Lines);
        Assert.Equal((700, 700), (page.Begin, page.End));
    }

    [Fact]
    public void Only_the_chunks_that_a_page_needs_are_brought()
    {
        var log = Lines(2_000);
        var chunks = log.Chunks(0, Enumerable.Repeat(100, 500));
        var brought = new List<int>();

        var page = Read(chunks, new(log.End, IsClosed: true), Query(forwards: false) with { Limit = 3 }, brought);

        Assert.Equal(["line 1997", "line 1998", "line 1999"], page.Lines.Select(line => line.Message));
        Assert.Equal([chunks.Length - 1], brought);
    }

    [Fact]
    public void Other_chunks_than_those_that_were_wanted_are_not_taken()
    {
        var log = Lines(100);
        var shipped = Shipped(log.Chunks(0, 100, 100), new(log.End, IsClosed: true));
        _ = LogReader.Read(shipped, Query(forwards: true), CancellationToken.None);
        var missing = shipped.Missing!.Value;

        Assert.False(shipped.Bring(missing, []));
        Assert.False(shipped.Bring(missing, [Piece(log.Chunk(shipped[missing].Begin, shipped[missing].End + 1))]));
        Assert.True(shipped.Bring(missing, [Piece(log.Chunk(shipped[missing].Begin, shipped[missing].End))]));
    }

    [Fact]
    public void Data_that_is_not_what_its_chunk_says_is_unsound()
    {
        var chunk = Lines(10).Chunk(7, 28);

        Assert.True(LogPiece.IsSound(chunk));
        Assert.True(LogPiece.IsSound(chunk with { Data = default, End = 7, Time = 0 }));
        Assert.False(LogPiece.IsSound(chunk with { Data = default, Time = 0 }));
        Assert.False(LogPiece.IsSound(chunk with { End = 29 }));
        Assert.False(LogPiece.IsSound(chunk with { Begin = 8 }));
        Assert.False(LogPiece.IsSound(chunk with { Begin = -1, End = 20 }));
        Assert.False(LogPiece.IsSound(chunk with { Time = 3 }));
        Assert.False(LogPiece.IsSound(chunk with { Data = chunk.Data[..^3] }));
        Assert.False(LogPiece.IsSound(chunk with { Data = new byte[] { 1, 2, 3 } }));
        Assert.False(LogPiece.IsSound(chunk with { End = chunk.Begin + LogPiece.MostBytes + 1 }));
    }

    private static List<LogLine> All(LogChunk[] chunks, ALog log, bool forwards, int limit)
    {
        List<LogLine> all = [];
        long? offset = null;
        while (Read(chunks, new(log.End, log.IsClosed), Query(forwards) with { Offset = offset, Limit = limit }) is { Lines.IsEmpty: false } page)
        {
            all.InsertRange(forwards ? all.Count : 0, page.Lines);
            offset = forwards ? page.End : page.Begin;
        }

        return all;
    }

    private static LogPage Read(LogChunk[] chunks, ShippedLogState state, LogQuery query, List<int>? brought = null)
    {
        var log = Shipped(chunks, state);
        while (true)
        {
            var page = LogReader.Read(log, query, CancellationToken.None);
            if (log.Missing is null)
            {
                return page;
            }

            var (first, last) = log.Wanted(query.Forwards, 1);
            brought?.Add(first);
            Assert.Equal(first, last);
            Assert.True(log.Bring(first, [Piece(chunks[first])]));
        }
    }

    private static ShippedLog Shipped(LogChunk[] chunks, ShippedLogState state) =>
        new([.. chunks.Select(chunk => new ShippedChunk(chunk.Begin, chunk.End, chunk.Time))], chunks is [.., var last] ? state with { End = last.End } : state);

    private static LogPiece Piece(LogChunk chunk) => LogPiece.Read(chunk.Begin, chunk.End, chunk.Data.Span);

    private static LogQuery Query(bool forwards) => new() { Log = ALog.Location, Forwards = forwards, Limit = 1_000, MaxBytes = 1_000_000 };

    private static ALog Lines(int count)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(n => $"line {n}\n")));
        return new(bytes, [new(bytes.Length / 2, 1_000), new(bytes.Length, 2_000)], isClosed: true);
    }
}
