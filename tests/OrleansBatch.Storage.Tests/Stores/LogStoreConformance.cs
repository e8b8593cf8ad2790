using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Which log streams there are: those of attempts that are over, and those of live ones.</summary>
public abstract class LogStoreConformance : IAsyncLifetime
{
    private static readonly ScopedName Group = new(AJob.Scope, "/aws/batch/job");

    protected StoreUnderTest Store { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Store.DisposeAsync();
    }

    protected abstract Task<StoreUnderTest> OpenAsync();

    [Theory]
    [InlineData("", false, "a/1 a/2 b/1 b/2")]
    [InlineData("", true, "b/2 b/1 a/2 a/1")]
    [InlineData("a", false, "a/1 a/2")]
    [InlineData("b/", true, "b/2 b/1")]
    [InlineData("c", false, "")]
    public async Task By_name_ended_and_live_ones_are_one_order(string prefix, bool descending, string expected)
    {
        await EndAsync("a/2", 5);
        await EndAsync("b/1", 3);
        await LiveAsync("a/1");
        await LiveAsync("b/2");
        await EndAsync("a/1", 1, group: "other");

        foreach (var limit in new[] { 1, 2, 3, 10 })
        {
            Assert.Equal(expected, await ListAsync(new() { Group = Group, Order = LogStreamOrder.Name, Prefix = prefix, IsDescending = descending, Limit = limit }));
        }
    }

    [Theory]
    [InlineData(false, 0, "d a b c e")]
    [InlineData(true, 0, "e c b a d")]
    [InlineData(false, 2, "a b c e")]
    [InlineData(true, 2, "e c b a")]
    [InlineData(false, 9, "c e")]
    public async Task By_end_those_that_ended_come_in_that_order_and_the_recent_and_live_ones_behind(bool descending, int from, string expected)
    {
        await EndAsync("a", 2);
        await EndAsync("b", 2);
        await EndAsync("d", 1);
        await EndAsync("e", 20);
        await LiveAsync("c");

        foreach (var limit in new[] { 1, 2, 10 })
        {
            Assert.Equal(expected, await ListAsync(new()
            {
                Group = Group,
                Order = LogStreamOrder.End,
                IsDescending = descending,
                EndedFrom = AJob.Noon.AddSeconds(from),
                Boundary = AJob.Noon.AddSeconds(10),
                Limit = limit,
            }));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_chunk_between_two_cursors_is_read_again_as_it_was(bool descending)
    {
        await EndAsync("a", 1);
        await EndAsync("b", 2);
        await EndAsync("c", 3);
        await LiveAsync("d");
        var listing = new LogStreamListing { Group = Group, Order = LogStreamOrder.End, IsDescending = descending, Boundary = AJob.Noon.AddSeconds(10), Limit = 10 };
        var all = (await Store.Logs.ListStreamsAsync(listing, Token)).Streams;

        var between = await Store.Logs.ListStreamsAsync(listing with { After = all[0].Cursor, Last = all[2].Cursor }, Token);

        Assert.Equal(all.Skip(1).Take(2).Select(one => one.Stream), between.Streams.Select(one => one.Stream));
        Assert.False(between.HasMore);
    }

    [Fact]
    public async Task A_stream_that_ends_between_two_pages_is_neither_missed_nor_given_twice()
    {
        await EndAsync("a", 1);
        var job = await LiveAsync("b");
        await LiveAsync("c");
        var listing = new LogStreamListing { Group = Group, Order = LogStreamOrder.End, Boundary = AJob.Noon.AddSeconds(10), Limit = 1 };
        var first = await Store.Logs.ListStreamsAsync(listing, Token);
        await EndAsync("b", 30, job: job);

        var rest = await Store.Logs.ListStreamsAsync(listing with { After = first.Streams[0].Cursor, Limit = 10 }, Token);

        Assert.Equal(["b", "c"], rest.Streams.Select(one => one.Stream.Stream));
    }

    [Fact]
    public async Task A_stream_is_there_with_the_commit_that_ends_its_attempt_and_after_a_crash()
    {
        await EndAsync("a", 7);
        await Store.CrashAsync();

        var stream = Assert.Single((await Store.Logs.ListStreamsAsync(new() { Group = Group, Order = LogStreamOrder.Name, Limit = 5 }, Token)).Streams).Stream;

        Assert.Equal(new(Group, "a", AJob.Noon, AJob.Noon.AddSeconds(7)), stream);
    }

    [Fact]
    public async Task Groups_are_those_ever_used_by_name()
    {
        Assert.Null(await Store.Logs.ReadGroupAsync(Group, Token));
        await EndAsync("a", 7, group: "b");
        await EndAsync("a", 9, group: "a/x");
        await LiveAsync("z");

        Assert.Equal(["/aws/batch/job", "a/x", "b"], (await Store.Logs.ListGroupsAsync(AJob.Scope, "", 10, Token)).Select(group => group.Name));
        Assert.Equal(["a/x"], (await Store.Logs.ListGroupsAsync(AJob.Scope, "a", 1, Token)).Select(group => group.Name));
        Assert.Equal(new("b", AJob.Noon), await Store.Logs.ReadGroupAsync(new(AJob.Scope, "b"), Token));
        Assert.NotNull(await Store.Logs.ReadGroupAsync(Group, Token));
        Assert.Null(await Store.Logs.ReadGroupAsync(new(AJob.Scope, "a"), Token));
        Assert.Null(await Store.Logs.ReadGroupAsync(new(new("210987654321", "us-east-1"), "b"), Token));
        Assert.Empty(await Store.Logs.ListGroupsAsync(new("123456789012", "us-east-2"), "", 10, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("x:y")]
    public async Task A_foreign_cursor_is_refused(string cursor) => await Assert.ThrowsAsync<FormatException>(() => Store.Logs.ListStreamsAsync(
        new() { Group = Group, Order = LogStreamOrder.End, After = cursor, Limit = 1 }, Token));

    private async Task<string> ListAsync(LogStreamListing listing)
    {
        List<string> names = [];
        while (true)
        {
            var page = await Store.Logs.ListStreamsAsync(listing, Token);
            Assert.True(page.Streams.Count <= listing.Limit);
            names.AddRange(page.Streams.Select(one => one.Stream.Stream));
            if (!page.HasMore)
            {
                return string.Join(' ', names);
            }

            listing = listing with { After = page.Streams[^1].Cursor };
        }
    }

    private async Task<string> LiveAsync(string stream)
    {
        var id = Guid.NewGuid().ToString();
        var state = AJob.In(JobStatus.Running);
        await Store.Jobs.CommitAsync(AJob.Step(AJob.New(id, state with { Placement = state.Placement! with { LogStream = stream } })), Token);
        return id;
    }

    private async Task EndAsync(string stream, int seconds, string group = "/aws/batch/job", string? job = null)
    {
        var id = job ?? await LiveAsync(stream);
        var ended = new LogStreamRow(new(AJob.Scope, group), stream, AJob.Noon, AJob.Noon.AddSeconds(seconds));
        var result = await Store.Jobs.CommitAsync(new() { Writes = [new(id, 1, AJob.In(JobStatus.Succeeded), ended)] }, Token);
        Assert.Equal(StepOutcome.Committed, result.Outcome);
    }
}
