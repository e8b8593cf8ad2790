using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>The rows of job definition revisions.</summary>
public abstract class JobDefinitionStoreConformance : IAsyncLifetime
{
    private static readonly Scope Other = new("210987654321", "us-east-1");

    protected StoreUnderTest Store { get; private set; } = null!;

    private IJobDefinitionStore Definitions => Store.Definitions;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Store.DisposeAsync();
    }

    protected abstract Task<StoreUnderTest> OpenAsync();

    [Fact]
    public async Task A_revision_is_read_as_it_was_given_also_after_the_store_was_opened_again()
    {
        var definition = Definition("shell", 1) with
        {
            PropagateTags = true,
            SchedulingPriority = 0,
            Parameters = new Dictionary<string, string> { ["Größe"] = "12" },
            PlatformCapabilities = ["FARGATE"],
            Timeout = new() { AttemptDurationSeconds = 60 },
            RetryStrategy = new() { Attempts = 3 },
        };
        Assert.True((await Definitions.InsertAsync(AJob.Scope, definition, null, Token)).IsDone);
        Assert.True((await Definitions.InsertAsync(AJob.Scope, Definition("plain", 1), null, Token)).IsDone);

        await Store.ReopenAsync();

        Same.As(definition, await Definitions.ReadAsync(AJob.Scope, "shell", 1, Token));
        Same.As(Definition("plain", 1), await Definitions.ReadAsync(AJob.Scope, "plain", 1, Token));
    }

    [Fact]
    public async Task A_revision_is_inserted_once()
    {
        Assert.True((await Definitions.InsertAsync(AJob.Scope, Definition("shell", 1), null, Token)).IsDone);
        Assert.False((await Definitions.InsertAsync(AJob.Scope, Definition("shell", 1) with { Type = "other" }, null, Token)).IsDone);
        Assert.True((await Definitions.InsertAsync(Other, Definition("shell", 1), null, Token)).IsDone);
        Assert.Equal("container", (await Definitions.ReadAsync(AJob.Scope, "shell", 1, Token))!.Type);
    }

    [Fact]
    public async Task Of_two_inserts_at_once_one_is_done()
    {
        var inserted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(() => Definitions.InsertAsync(AJob.Scope, Definition("shell", 1), null, Token))));
        Assert.Single(inserted, one => one.IsDone);
    }

    [Fact]
    public async Task The_highest_revision_counts_inactive_ones_and_the_highest_active_one_does_not()
    {
        await InsertAsync(("shell", 1), ("shell", 2), ("shell", 3), ("shell-2", 9));
        await Definitions.DeactivateAsync(AJob.Scope, "shell", 3, AJob.Noon, Token);

        Assert.Equal(3, await Definitions.HighestRevisionAsync(AJob.Scope, "shell", Token));
        Assert.Equal(2, (await Definitions.ReadHighestActiveAsync(AJob.Scope, "shell", Token))!.Revision);

        await Definitions.DeactivateAsync(AJob.Scope, "shell", 2, AJob.Noon, Token);
        await Definitions.DeactivateAsync(AJob.Scope, "shell", 1, AJob.Noon, Token);
        Assert.Equal(3, await Definitions.HighestRevisionAsync(AJob.Scope, "shell", Token));
        Assert.Null(await Definitions.ReadHighestActiveAsync(AJob.Scope, "shell", Token));
    }

    [Fact]
    public async Task What_does_not_exist_is_null_or_0_or_false()
    {
        await InsertAsync(("shell", 1));
        Assert.Null(await Definitions.ReadAsync(AJob.Scope, "shell", 2, Token));
        Assert.Null(await Definitions.ReadAsync(AJob.Scope, "SHELL", 1, Token));
        Assert.Null(await Definitions.ReadAsync(Other, "shell", 1, Token));
        Assert.Null(await Definitions.ReadHighestActiveAsync(Other, "shell", Token));
        Assert.Equal(0, await Definitions.HighestRevisionAsync(Other, "shell", Token));
        Assert.False(await Definitions.DeactivateAsync(Other, "shell", 1, AJob.Noon, Token));
        Assert.True((await Definitions.ReadAsync(AJob.Scope, "shell", 1, Token))!.IsActive);
    }

    [Fact]
    public async Task Deactivating_can_be_repeated_and_changes_only_that()
    {
        await InsertAsync(("shell", 1));
        Assert.True(await Definitions.DeactivateAsync(AJob.Scope, "shell", 1, AJob.Noon, Token));
        Assert.True(await Definitions.DeactivateAsync(AJob.Scope, "shell", 1, AJob.Noon.AddDays(1), Token));
        Same.As(Definition("shell", 1) with { IsActive = false }, await Definitions.ReadAsync(AJob.Scope, "shell", 1, Token));
    }

    [Theory]
    [InlineData(null, null, "a:1 b:3 b:2 b:1 b-c:1 c:2 c:1")]
    [InlineData(null, true, "a:1 b:3 b:1 b-c:1 c:1")]
    [InlineData(null, false, "b:2 c:2")]
    [InlineData("b", null, "b:3 b:2 b:1")]
    [InlineData("b", true, "b:3 b:1")]
    [InlineData("b", false, "b:2")]
    [InlineData("none", null, "")]
    public async Task Listings_are_by_name_then_newest_revision_first(string? name, bool? isActive, string expected)
    {
        await InsertAsync(("c", 1), ("c", 2), ("b", 1), ("b", 2), ("b", 3), ("a", 1), ("b-c", 1));
        await Definitions.InsertAsync(Other, Definition("b", 7), null, Token);
        await Definitions.DeactivateAsync(AJob.Scope, "b", 2, AJob.Noon, Token);
        await Definitions.DeactivateAsync(AJob.Scope, "c", 2, AJob.Noon, Token);

        foreach (var limit in new[] { 1, 2, 3, 100 })
        {
            Assert.Equal(expected, string.Join(' ', await ListAsync(name, isActive, limit)));
        }
    }

    [Theory]
    [InlineData(StoreFault.InTheMiddle)]
    [InlineData(StoreFault.BeforeCommit)]
    [InlineData(StoreFault.ReplyLost)]
    public async Task A_write_that_fails_once_is_answered_truly(StoreFault fault)
    {
        Store.FailOnce(fault);
        Assert.True((await Definitions.InsertAsync(AJob.Scope, Definition("shell", 1), null, Token)).IsDone);
        Store.FailOnce(fault);
        Assert.True(await Definitions.DeactivateAsync(AJob.Scope, "shell", 1, AJob.Noon, Token));
        Assert.False((await Definitions.ReadAsync(AJob.Scope, "shell", 1, Token))!.IsActive);
    }

    [Fact]
    public async Task A_crash_loses_no_answered_revision()
    {
        await InsertAsync(("shell", 1), ("shell", 2));
        await Definitions.DeactivateAsync(AJob.Scope, "shell", 2, AJob.Noon, Token);
        await Store.CrashAsync();
        Assert.Equal(["shell:2", "shell:1"], await ListAsync("shell", null, 10));
        Assert.Equal(1, (await Definitions.ReadHighestActiveAsync(AJob.Scope, "shell", Token))!.Revision);
    }

    [Fact]
    public async Task A_revision_and_the_answer_to_its_call_are_one_step()
    {
        var call = new InvocationRecord("call", "answer", AJob.Noon);
        Assert.Equal(new(true), await Definitions.InsertAsync(AJob.Scope, Definition("shell", 1), call, Token));

        await Store.CrashAsync();

        Assert.Equal(new(false, "answer"), await Definitions.InsertAsync(AJob.Scope, Definition("shell", 2), call, Token));
        Assert.Equal(1, await Definitions.HighestRevisionAsync(AJob.Scope, "shell", Token));
        Assert.Equal(new(false), await Definitions.InsertAsync(AJob.Scope, Definition("shell", 1), new("other", "answer", AJob.Noon), Token));
        Assert.Null(await Store.Jobs.ReadInvocationAsync("other", Token));
    }

    [Fact]
    public async Task Changed_tags_are_kept_beside_what_was_registered_and_nothing_else_changes()
    {
        var tags = new Dictionary<string, string> { ["Größe"] = "a/b", ["empty"] = "" };
        await InsertAsync(("shell", 1), ("shell", 2));

        Assert.True(await Definitions.SetTagsAsync(AJob.Scope, "shell", 1, tags, Token));
        Assert.True(await Definitions.SetTagsAsync(AJob.Scope, "shell", 1, tags, Token));
        Assert.False(await Definitions.SetTagsAsync(AJob.Scope, "shell", 3, tags, Token));
        Assert.False(await Definitions.SetTagsAsync(Other, "shell", 1, tags, Token));
        await Store.CrashAsync();

        Same.As(Definition("shell", 1) with { Tags = tags }, await Definitions.ReadAsync(AJob.Scope, "shell", 1, Token));
        Same.As(Definition("shell", 2), await Definitions.ReadAsync(AJob.Scope, "shell", 2, Token));
        Assert.Equal([0, 2], (await Definitions.ListAsync(new(AJob.Scope, "shell", null, null, 10), Token)).Select(one => one.Tags.Count));
    }

    private async Task InsertAsync(params (string Name, int Revision)[] revisions)
    {
        foreach (var (name, revision) in revisions)
        {
            Assert.True((await Definitions.InsertAsync(AJob.Scope, Definition(name, revision), null, Token)).IsDone);
        }
    }

    private async Task<List<string>> ListAsync(string? name, bool? isActive, int limit)
    {
        List<string> all = [];
        (string, int)? after = null;
        while (await Definitions.ListAsync(new(AJob.Scope, name, isActive, after, limit), Token) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= limit);
            all.AddRange(page.Select(definition => $"{definition.Name}:{definition.Revision}"));
            after = (page[^1].Name, page[^1].Revision);
        }

        return all;
    }

    private static JobDefinition Definition(string name, int revision) => new()
    {
        Name = name,
        Revision = revision,
        IsActive = true,
        Type = "container",
        Container = new() { Image = "busybox", Command = ["true"], Environment = [new() { Name = "A", Value = "" }] },
    };
}
