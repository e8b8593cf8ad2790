using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>How far webhooks have come, and what they gave up.</summary>
public abstract class WebhookStoreConformance : JobStoreConformance
{
    private static readonly ScopedName Hook = new(AJob.Scope, "hook");

    private IWebhookStore Webhooks => Store.Webhooks;

    [Fact]
    public async Task A_name_is_listed_until_it_is_removed()
    {
        await Webhooks.AddAsync(Hook, Token);
        await Webhooks.AddAsync(Hook, Token);
        await Webhooks.AddAsync(new(AJob.Scope, "a"), Token);
        Assert.Equal(["a", "hook"], (await Webhooks.ListAsync(Token)).Select(name => name.Name));
        await Webhooks.RemoveAsync(Hook, null, Token);
        await Webhooks.RemoveAsync(Hook, null, Token);

        Assert.Equal(["a"], (await Webhooks.ListAsync(Token)).Select(name => name.Name));
    }

    [Fact]
    public async Task The_newest_cursor_is_read_and_outlives_a_crash()
    {
        var epoch = await TakeEpochAsync();
        Assert.Null(await Webhooks.ReadCursorAsync("id", Token));
        Assert.True(await Webhooks.AdvanceAsync("id", epoch, new(5, EventPosition.Whole), [], Token));
        Assert.True(await Webhooks.AdvanceAsync("id", epoch, new(7, 3), [], Token));
        await Store.CrashAsync();

        Assert.Equal(new EventPosition(7, 3), await Webhooks.ReadCursorAsync("id", Token));
        Assert.Null(await Webhooks.ReadCursorAsync("other", Token));
    }

    [Fact]
    public async Task Who_has_an_older_epoch_stores_nothing()
    {
        var old = await TakeEpochAsync();
        _ = await TakeEpochAsync();

        Assert.False(await Webhooks.AdvanceAsync("id", old, new(5, EventPosition.Whole), [Letter(1)], Token));
        Assert.Null(await Webhooks.ReadCursorAsync("id", Token));
        Assert.Empty(await Webhooks.ListDeadLettersAsync("id", EventPosition.Start, 10, Token));
    }

    [Fact]
    public async Task Dead_letters_are_listed_by_event_each_once_until_they_are_taken_off()
    {
        var epoch = await TakeEpochAsync();
        await Webhooks.AdvanceAsync("id", epoch, EventPosition.Start, [Letter(3), Letter(2, 1), Letter(2, 0)], Token);
        await Webhooks.AdvanceAsync("id", epoch, EventPosition.Start, [Letter(3) with { Attempts = 9 }], Token);
        await Webhooks.AdvanceAsync("other", epoch, EventPosition.Start, [Letter(1)], Token);

        var letters = await Webhooks.ListDeadLettersAsync("id", EventPosition.Start, 10, Token);
        Assert.Equal([Letter(2, 0), Letter(2, 1), Letter(3) with { Attempts = 9 }], letters);
        Assert.Equal([letters[1]], await Webhooks.ListDeadLettersAsync("id", letters[0].Position, 1, Token));
        await Webhooks.RemoveDeadLetterAsync("id", letters[1].Position, Token);
        Assert.Equal([letters[0], letters[2]], await Webhooks.ListDeadLettersAsync("id", EventPosition.Start, 10, Token));
        await Webhooks.RemoveAsync(Hook, "id", Token);
        Assert.Empty(await Webhooks.ListDeadLettersAsync("id", EventPosition.Start, 10, Token));
        Assert.Single(await Webhooks.ListDeadLettersAsync("other", EventPosition.Start, 10, Token));
    }

    private static DeadLetterRow Letter(long id, int child = EventPosition.Whole) => new(new(id, child), AJob.Noon, 2, "why");

    private async Task<EpochGuard> TakeEpochAsync() => new("webhook", await Jobs.TakeEpochAsync("webhook", Token));
}
