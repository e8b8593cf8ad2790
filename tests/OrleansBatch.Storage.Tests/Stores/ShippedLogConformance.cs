using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Chunks of logs, as agents ship them.</summary>
public abstract class ShippedLogConformance : JobStoreConformance
{
    private const long Most = 16 * 1024 * 1024;

    private IShippedLogStore Logs => Store.ShippedLogs;

    [Fact]
    public async Task What_was_shipped_is_read_back_chunk_by_chunk()
    {
        Assert.Equal([new(10), new(30), new(5)], await KeepAsync(AChunk.Of("s", 0, 10), AChunk.Of("s", 10, 30), AChunk.Of("t", 0, 5)));
        Assert.Equal([new(35)], await KeepAsync(AChunk.Of("s", 30, 35) with { IsClosed = true }));

        var head = await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token);
        Assert.Equal(new(35, IsClosed: true), head!.State);
        Assert.Equal([new(0, 10, 10), new(10, 30, 30), new(30, 35, 35)], head.Chunks);
        var pieces = await Logs.ReadAsync(AChunk.LogOf("s"), 10, 30, Token);
        Assert.Equal([10L, 30], pieces.Select(piece => piece.Begin));
        Assert.Equal(AChunk.Bytes(10, 30), pieces[0].Bytes.ToArray());
        Assert.Equal(new LogMoment(30, 30), pieces[0].Moments[^1]);
        Assert.Equal(new(5, IsClosed: false), (await Logs.ReadHeadAsync(AChunk.LogOf("t"), Token))!.State);
        Assert.Null(await Logs.ReadHeadAsync(AChunk.LogOf("u"), Token));
        Assert.Empty(await Logs.ReadAsync(AChunk.LogOf("u"), 0, 100, Token));
    }

    [Fact]
    public async Task Logs_of_one_stream_name_in_other_groups_or_scopes_are_others()
    {
        await KeepAsync(AChunk.Of("s", 0, 10));

        Assert.Null(await Logs.ReadHeadAsync(AChunk.LogOf("s") with { Group = "g" }, Token));
        Assert.Null(await Logs.ReadHeadAsync(AChunk.LogOf("s") with { Scope = new("2", "r") }, Token));
        Assert.Null(await Logs.ReadHeadAsync(AChunk.LogOf("bs") with { Group = "/aws/batch/jo" }, Token));
    }

    [Fact]
    public async Task A_message_that_comes_twice_changes_nothing_and_has_the_same_answer()
    {
        LogChunk[] message = [AChunk.Of("s", 0, 10), AChunk.Of("s", 10, 30), AChunk.Of("t", 0, 5)];
        await KeepAsync(message);

        Assert.Equal([30L, 30, 5], (await KeepAsync(message)).Select(kept => kept.End));

        Assert.Equal([new(0, 10, 10), new(10, 30, 30)], (await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token))!.Chunks);
    }

    [Fact]
    public async Task Small_chunks_are_replaced_by_one_that_begins_where_one_of_them_does()
    {
        await KeepAsync(AChunk.Of("s", 0, 10), AChunk.Of("s", 10, 20), AChunk.Of("s", 20, 30), AChunk.Of("t", 0, 10));

        Assert.Equal([new(30)], await KeepAsync(AChunk.Of("s", 15, 40)));
        Assert.Equal([new(40), new(50)], await KeepAsync(AChunk.Of("s", 10, 40), AChunk.Of("s", 10, 50)));

        Assert.Equal([new(0, 10, 10), new(10, 50, 50)], (await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token))!.Chunks);
        Assert.Equal([new(0, 10, 10)], (await Logs.ReadHeadAsync(AChunk.LogOf("t"), Token))!.Chunks);
    }

    [Fact]
    public async Task A_hole_is_not_taken_unless_what_is_before_it_is_given_up()
    {
        await KeepAsync(AChunk.Of("s", 0, 10));

        Assert.Equal([new(10)], await KeepAsync(AChunk.Of("s", 20, 30)));
        Assert.Equal([new(30)], await KeepAsync(AChunk.Of("s", 20, 30) with { IsAnew = true }));

        Assert.Equal([new(20, 30, 30)], (await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token))!.Chunks);
    }

    [Fact]
    public async Task A_question_is_answered_and_leaves_nothing()
    {
        await KeepAsync(AChunk.Of("s", 0, 10));

        Assert.Equal([new(10), new(0)], await KeepAsync(AChunk.Empty("s"), AChunk.Empty("t")));

        Assert.Null(await Logs.ReadHeadAsync(AChunk.LogOf("t"), Token));
    }

    [Fact]
    public async Task A_log_can_be_closed_without_another_byte()
    {
        await KeepAsync(AChunk.Of("s", 0, 10));

        await KeepAsync(AChunk.Empty("s", 10) with { IsClosed = true });

        var head = await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token);
        Assert.Equal(new(10, IsClosed: true), head!.State);
        Assert.Single(head.Chunks);
    }

    [Fact]
    public async Task Of_a_long_log_the_newest_bytes_are_kept()
    {
        for (var chunk = 0L; chunk < 6; chunk++)
        {
            await Logs.KeepAsync([AChunk.Of("s", chunk * LogPiece.MostBytes, (chunk + 1) * LogPiece.MostBytes)], 2 * LogPiece.MostBytes, AJob.Noon, Token);
        }

        var head = await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token);
        Assert.Equal([3L, 4, 5], head!.Chunks.Select(chunk => chunk.Begin / LogPiece.MostBytes));
    }

    [Fact]
    public async Task Logs_of_which_nothing_came_for_some_days_are_removed_so_many_at_a_time()
    {
        foreach (var (index, stream) in new[] { "a", "b", "c", "d" }.Index())
        {
            await Logs.KeepAsync([AChunk.Of(stream, 0, 10)], Most, AJob.Noon.AddDays(index), Token);
        }

        // Something came of it later.
        await Logs.KeepAsync([AChunk.Of("a", 10, 20)], Most, AJob.Noon.AddDays(9), Token);

        Assert.Equal(1, await Logs.RemoveAsync(AJob.Noon.AddDays(3), 1, Token));
        Assert.Null(await Logs.ReadHeadAsync(AChunk.LogOf("b"), Token));
        Assert.Empty(await Logs.ReadAsync(AChunk.LogOf("b"), 0, 100, Token));
        Assert.Equal(1, await Logs.RemoveAsync(AJob.Noon.AddDays(3), 10, Token));
        Assert.Equal(0, await Logs.RemoveAsync(AJob.Noon.AddDays(3), 10, Token));
        Assert.NotNull(await Logs.ReadHeadAsync(AChunk.LogOf("a"), Token));
        Assert.NotNull(await Logs.ReadHeadAsync(AChunk.LogOf("d"), Token));
        Assert.Equal([new(0)], await KeepAsync(AChunk.Of("b", 10, 20)));
    }

    [Fact]
    public async Task What_was_kept_outlives_a_crash_and_what_failed_was_not_kept()
    {
        await KeepAsync(AChunk.Of("s", 0, 10));
        await Store.CrashAsync();
        Store.Break();
        await Assert.ThrowsAsync<JobStoreException>(() => KeepAsync(AChunk.Of("s", 10, 20)));
        Store.Mend();

        Assert.Equal([new(0, 10, 10)], (await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token))!.Chunks);
        Assert.Equal([new(20)], await KeepAsync(AChunk.Of("s", 10, 20)));
    }

    [Fact]
    public async Task Of_many_that_ship_the_same_at_once_each_is_kept_or_fails_and_one_piece_is_left()
    {
        var message = Enumerable.Range(0, 50).Select(n => AChunk.Of("s", n * 10, (n + 1) * 10)).Append(AChunk.Of("t", 0, 10)).ToArray();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async n =>
        {
            try
            {
                return await KeepAsync(n % 2 == 0 ? message : [.. message.Reverse().OrderBy(chunk => chunk.Log.Stream == "s" ? chunk.Begin : -1)]);
            }
            catch (JobStoreException)
            {
                return null;
            }
        }));

        Assert.Contains(answers, answer => answer is not null);
        var head = await Logs.ReadHeadAsync(AChunk.LogOf("s"), Token);
        Assert.Equal(new(500, IsClosed: false), head!.State);
        Assert.Equal(Enumerable.Range(0, 50).Select(n => new ShippedChunk(n * 10, (n + 1) * 10, (n + 1) * 10)), head.Chunks);
    }

    [Fact]
    public async Task Bytes_and_names_of_any_kind_are_kept()
    {
        const string Stream = "nul\0half\ud800/default/0123";
        var bytes = new byte[LogPiece.MostBytes];
        new Random(1).NextBytes(bytes);
        var chunk = AChunk.Of(Stream, 0, LogPiece.MostBytes) with { Data = LogPiece.Write(0, bytes, [new(LogPiece.MostBytes, 7)]), Time = 7 };

        await KeepAsync(chunk);

        Assert.Equal(bytes, Assert.Single(await Logs.ReadAsync(AChunk.LogOf(Stream), 0, 0, Token)).Bytes.ToArray());
    }

    private Task<IReadOnlyList<LogKept>> KeepAsync(params LogChunk[] chunks) => Logs.KeepAsync(chunks, Most, AJob.Noon, Token);
}
