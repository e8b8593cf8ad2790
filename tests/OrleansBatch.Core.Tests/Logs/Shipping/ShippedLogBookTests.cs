using CsCheck;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Tests.Logs.Shipping;

public sealed class ShippedLogBookTests
{
    private const long Most = 16 * 1024 * 1024;

    /// <remarks>The store has chunks that begin at 0, 10 and 20, up to 30.</remarks>
    [Theory]
    [InlineData(30, 40, false, 40, true)]
    [InlineData(20, 40, false, 40, true)]
    [InlineData(0, 40, false, 40, true)]
    [InlineData(0, 30, false, 30, true)]
    [InlineData(20, 30, false, 30, true)]
    [InlineData(15, 40, false, 30, false)]
    [InlineData(10, 20, false, 30, false)]
    [InlineData(31, 40, false, 30, false)]
    [InlineData(50, 60, true, 60, true)]
    [InlineData(15, 40, true, 30, false)]
    public void A_chunk_is_taken_where_the_store_has_come_to_or_from_the_begin_of_one_that_it_has(long begin, long end, bool isAnew, long stored, bool isWritten)
    {
        var book = new ShippedLogBook(new(30, IsClosed: false), [0, 10, 20], Most);

        Assert.Equal(new LogKept(stored), book.Take(Chunk(begin, end) with { IsAnew = isAnew }));

        Assert.Equal(isWritten, book.IsChanged);
        Assert.Equal(isWritten ? [begin] : [], book.Written.Select(chunk => chunk.Begin));
        Assert.Equal(!isWritten || begin == 30 ? null : isAnew ? 0 : begin, book.RemovedFrom);
    }

    [Theory]
    [InlineData(0, false, 10)]
    [InlineData(5, false, 0)]
    [InlineData(5, true, 10)]
    public void A_new_log_begins_at_its_begin_or_where_its_agent_gives_up_what_is_before(long begin, bool isAnew, long stored)
    {
        var book = new ShippedLogBook(null, [], Most);

        Assert.Equal(stored, book.Take(Chunk(begin, 10) with { IsAnew = isAnew }).End);
        Assert.Null(book.RemovedFrom);
    }

    [Fact]
    public void A_question_changes_nothing_and_is_answered_with_where_the_store_is()
    {
        var book = new ShippedLogBook(new(30, IsClosed: false), [], Most);

        Assert.Equal(30, book.Take(Empty(0)).End);
        Assert.Equal(0, new ShippedLogBook(null, [], Most).Take(Empty(0)).End);
        Assert.False(book.IsChanged);
    }

    [Fact]
    public void A_log_is_closed_by_its_last_chunk_or_by_one_that_says_only_that()
    {
        var last = new ShippedLogBook(new(30, IsClosed: false), [], Most);
        last.Take(Chunk(30, 40) with { IsClosed = true });
        Assert.Equal(new(40, IsClosed: true), last.State);

        var only = new ShippedLogBook(new(30, IsClosed: false), [], Most);
        only.Take(Empty(20) with { IsClosed = true });
        Assert.False(only.IsChanged);
        only.Take(Empty(30) with { IsClosed = true });
        Assert.Equal(new(30, IsClosed: true), only.State);
        Assert.Empty(only.Written);
    }

    [Fact]
    public void What_lies_too_far_before_the_end_is_removed_chunk_by_chunk()
    {
        var book = new ShippedLogBook(new(3 * LogPiece.MostBytes, IsClosed: false), [], mostBytes: LogPiece.MostBytes);

        book.Take(Chunk(3 * LogPiece.MostBytes, 4 * LogPiece.MostBytes));

        Assert.Equal(2 * LogPiece.MostBytes, book.RemovedBefore);
    }

    [Fact]
    public void Whatever_comes_however_often_the_store_has_one_piece_of_the_log_with_its_bytes() =>
        Gen.Select(ALog.Any, Gen.Select(Gen.Int[0, 300], Gen.Int[1, 60], Gen.Int[0, 9]).Array[0, 40]).Sample((log, sent) =>
        {
            var store = new SortedDictionary<long, LogChunk>();
            ShippedLogState? state = null;
            foreach (var (at, length, kind) in sent)
            {
                // Mostly where the store is, as an agent does it; else anything.
                var begin = kind < 6 ? state?.End ?? 0 : kind < 8 && store.Count > 0 ? store.Keys.ElementAt(at % store.Count) : at;
                if (begin >= log.End)
                {
                    continue;
                }

                var chunk = log.Chunk(begin, Math.Min(log.End, begin + length)) with { IsAnew = kind == 9 };
                var book = new ShippedLogBook(state, store.Keys.Where(key => key == chunk.Begin), Most);
                var before = state?.End ?? 0;
                var kept = book.Take(chunk);
                foreach (var key in store.Keys.Where(key => key >= book.RemovedFrom).ToList())
                {
                    store.Remove(key);
                }

                foreach (var written in book.Written)
                {
                    store.Add(written.Begin, written);
                }

                state = book.State;
                Assert.Equal(state?.End ?? 0, kept.End);
                Assert.True(kept.End >= before);
            }

            Assert.Equal(state?.End, store.Values.LastOrDefault()?.End);
            Assert.Equal(store.Values.Skip(1).Select(chunk => chunk.Begin), store.Values.SkipLast(1).Select(chunk => chunk.End));
        });

    private static LogChunk Empty(long at) => new() { Log = ALog.Location, Begin = at, End = at };

    private static LogChunk Chunk(long begin, long end) => Empty(begin) with { End = end, Time = 1, Data = new byte[] { 1 } };
}
