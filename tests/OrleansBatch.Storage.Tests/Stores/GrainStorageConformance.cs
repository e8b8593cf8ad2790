using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>State of grains of configuration: optimistic, one winner, nothing lost.</summary>
public abstract class GrainStorageConformance : IAsyncLifetime
{
    private static readonly GrainId Id = GrainId.Create("queue", "123456789012/us-east-1/default");

    protected StoreUnderTest Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Store.DisposeAsync();
    }

    protected abstract Task<StoreUnderTest> OpenAsync();

    [Fact]
    public async Task A_state_never_written_reads_as_new()
    {
        var state = await ReadAsync();
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Equal(new Settings(), state.State);
    }

    [Fact]
    public async Task A_written_state_is_read_again_also_after_the_store_was_opened_again()
    {
        var state = await ReadAsync();
        state.State = new() { Name = "größe \"<>\"", Count = 0, Limit = TimeSpan.FromSeconds(60) };
        await WriteAsync(state);
        Assert.True(state.RecordExists);

        await Store.ReopenAsync();

        var read = await ReadAsync();
        Assert.Equal((state.State, state.ETag, true), (read.State, read.ETag, read.RecordExists));
    }

    [Fact]
    public async Task Every_write_has_a_new_etag_and_an_old_one_is_refused()
    {
        var one = await ReadAsync();
        await WriteAsync(one);
        var two = await ReadAsync();
        var first = one.ETag;
        one.State = new() { Name = "one" };
        await WriteAsync(one);
        Assert.NotEqual(first, one.ETag);

        two.State = new() { Name = "two" };
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(two));
        await Assert.ThrowsAsync<InconsistentStateException>(() => ClearAsync(two));
        Assert.Equal(first, two.ETag);

        Assert.Equal("one", (await ReadAsync()).State!.Name);
    }

    [Fact]
    public async Task Of_two_first_writers_one_loses()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            try
            {
                await WriteAsync(new GrainState<Settings>(new()));
                return true;
            }
            catch (InconsistentStateException)
            {
                return false;
            }
        })));

        Assert.Single(outcomes, true);
    }

    [Fact]
    public async Task A_cleared_state_is_gone_and_can_begin_anew()
    {
        var state = await ReadAsync();
        state.State = new() { Name = "before" };
        await WriteAsync(state);
        var stale = await ReadAsync();

        await ClearAsync(state);

        Assert.Equal((new Settings(), null, false), (state.State, state.ETag, state.RecordExists));
        Assert.False((await ReadAsync()).RecordExists);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(stale));

        await WriteAsync(state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(stale));
    }

    [Fact]
    public async Task Clearing_what_is_not_there_is_nothing()
    {
        var state = await ReadAsync();
        await ClearAsync(state);
        Assert.False(state.RecordExists);
    }

    [Fact]
    public async Task Grains_and_state_names_are_apart()
    {
        await WriteAsync(new GrainState<Settings>(new() { Name = "a" }));
        await Store.Grains.WriteStateAsync("other", Id, new GrainState<Settings>(new() { Name = "b" }));
        await Store.Grains.WriteStateAsync("settings", GrainId.Create("queue", "other"), new GrainState<Settings>(new() { Name = "c" }));
        Assert.Equal("a", (await ReadAsync()).State!.Name);
    }

    [Fact]
    public async Task An_etag_of_another_store_is_refused() =>
        await Assert.ThrowsAsync<InconsistentStateException>(() => WriteAsync(new GrainState<Settings>(new()) { ETag = "none of ours" }));

    [Fact]
    public async Task Members_that_came_or_went_since_are_no_obstacle()
    {
        await WriteAsync(new GrainState<Settings>(new() { Name = "kept", Count = 7 }));

        GrainState<LaterSettings> later = new();
        await Store.Grains.ReadStateAsync("settings", Id, later);

        Assert.Equal(("kept", null, 5), (later.State!.Name, later.State!.Required, later.State!.Default));
    }

    [Theory]
    [InlineData(StoreFault.InTheMiddle)]
    [InlineData(StoreFault.BeforeCommit)]
    [InlineData(StoreFault.ReplyLost)]
    public async Task A_write_that_fails_once_is_done_once(StoreFault fault)
    {
        var state = await ReadAsync();
        Store.FailOnce(fault);
        await WriteAsync(state);
        Store.FailOnce(fault);
        await WriteAsync(state);
        Assert.Equal(state.ETag, (await ReadAsync()).ETag);
        Store.FailOnce(fault);
        await ClearAsync(state);
        Assert.False((await ReadAsync()).RecordExists);
    }

    [Fact]
    public async Task A_write_that_cannot_be_done_leaves_the_etag_as_it_was()
    {
        var state = await ReadAsync();
        await WriteAsync(state);
        var before = state.ETag;
        Store.Break();
        await Assert.ThrowsAsync<JobStoreException>(() => WriteAsync(state));
        Assert.Equal(before, state.ETag);
        Store.Mend();
        await WriteAsync(state);
    }

    [Fact]
    public async Task A_crash_loses_no_answered_write()
    {
        var state = await ReadAsync();
        state.State = new() { Name = "kept" };
        await WriteAsync(state);
        await Store.CrashAsync();
        Assert.Equal((state.State, state.ETag), ((await ReadAsync()).State, (await ReadAsync()).ETag));
    }

    private async Task<GrainState<Settings>> ReadAsync()
    {
        GrainState<Settings> state = new();
        await Store.Grains.ReadStateAsync("settings", Id, state);
        return state;
    }

    private Task WriteAsync(GrainState<Settings> state) => Store.Grains.WriteStateAsync("settings", Id, state);

    private Task ClearAsync(GrainState<Settings> state) => Store.Grains.ClearStateAsync("settings", Id, state);

    [GenerateSerializer, Alias("OrleansBatch.Storage.Tests.Settings")]
    internal sealed record Settings
    {
        [Id(0)] public string? Name { get; init; }

        [Id(1)] public int Count { get; init; } = 1;

        [Id(2)] public TimeSpan? Limit { get; init; }
    }

    [GenerateSerializer, Alias("OrleansBatch.Storage.Tests.LaterSettings")]
    internal sealed record LaterSettings
    {
        [Id(0)] public string? Name { get; init; }

        [Id(1)] public required string Required { get; init; }

        [Id(2)] public int Default { get; init; } = 5;
    }
}
