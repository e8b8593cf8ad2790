using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Webhooks;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Grains.Webhooks;

/// <summary>Keeps one webhook and has its events delivered as long as it is enabled.</summary>
/// <remarks>The delivery runs beside the grain, on the pool: nothing waits for it.</remarks>
[Reentrant]
internal sealed class WebhookGrain(
    [PersistentState("webhook", StorageNames.Configuration)] IPersistentState<WebhookGrainState> stored,
    IJobStore jobs,
    IEventStore events,
    IWebhookStore store,
    IWebhookSender sender,
    IFailpoints failpoints,
    TimeProvider time,
    ILogger<WebhookGrain> logger) : Grain, IWebhookGrain
{
    private const int LettersPerPage = 100;

    private static readonly TimeSpan Look = TimeSpan.FromMinutes(1);

    private readonly OneAtATime _changes = new();
    private Delivering? _delivering;
    private IGrainTimer? _looks;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    private WebhookConfiguration? Configuration => stored.State.Configuration;

    public override Task OnActivateAsync(CancellationToken cancellationToken) => StartAsync(cancellationToken);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => StopAsync();

    public async Task<WebhookDetail?> Read(CancellationToken cancellationToken) => Configuration is null ? null : await DescribeAsync(cancellationToken);

    public Task Wake(CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        await StartAsync(cancellationToken);
        if (Configuration is null)
        {
            // A creation that did not happen, or a deletion that was cut off.
            await ClearAsync(cancellationToken);
        }
    });

    public Task<WebhookDetail> Create(WebhookRequest request, Invocation? invocation, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        if (Configuration is not null)
        {
            return stored.State.Calls.Has(invocation)
                ? await DescribeAsync(cancellationToken)
                : throw new BatchClientException($"Object already exists: webhook {Name.Name}.");
        }

        if (stored.State.LeftBehind is { } left)
        {
            await store.RemoveAsync(Name, left, cancellationToken);
        }

        var created = WebhookRules.Create(request, Name.Scope, Guid.NewGuid().ToString("N"), await events.NewestAsync(cancellationToken));
        await store.AddAsync(Name, cancellationToken);
        await StoreAsync(new() { Configuration = created, Calls = stored.State.Calls.With(invocation, time.GetUtcNow()) }, cancellationToken);
        await StartAsync(cancellationToken);
        return await DescribeAsync(cancellationToken);
    });

    public Task<WebhookDetail> Update(WebhookRequest request, CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        var changed = WebhookRules.Update(Existing(), request);
        await StopAsync();
        await StoreAsync(stored.State with { Configuration = changed }, cancellationToken);
        await StartAsync(cancellationToken);
        return await DescribeAsync(cancellationToken);
    });

    public Task Delete(CancellationToken cancellationToken) => _changes.RunAsync(async () =>
    {
        await StopAsync();
        if (Configuration is { Id: var id })
        {
            await StoreAsync(new() { LeftBehind = id }, cancellationToken);
        }

        await ClearAsync(cancellationToken);
    });

    public async Task<ListDeadLettersResponse> ListDeadLetters(string? after, CancellationToken cancellationToken)
    {
        var webhook = Existing();
        var from = after is null ? EventPosition.Start : WebhookRules.CursorOf(after);
        var rows = await store.ListDeadLettersAsync(webhook.Id, from, LettersPerPage + 1, cancellationToken);
        List<DeadLetter> letters = [];
        foreach (var row in rows.Take(LettersPerPage))
        {
            var recorded = await events.FindAsync(row.Position, cancellationToken);
            letters.Add(new()
            {
                Cursor = row.Position.ToString(),
                At = row.At.ToUnixTimeMilliseconds(),
                Attempts = row.Attempts,
                Reason = row.Reason,
                Event = recorded is null ? null : EventEnvelopes.Of(recorded),
            });
        }

        return new() { DeadLetters = letters, NextCursor = rows.Count > LettersPerPage ? letters[^1].Cursor : null };
    }

    public async Task<RedriveResponse> Redrive(RedriveRequest request, CancellationToken cancellationToken)
    {
        var webhook = Existing();
        var wanted = WebhookRules.LettersOf(request);
        var requests = new WebhookRequests(webhook, sender, time);
        var rows = wanted is null
            ? await store.ListDeadLettersAsync(webhook.Id, EventPosition.Start, LettersPerPage, cancellationToken)
            : await FindLettersAsync(webhook, wanted, cancellationToken);
        var results = await Task.WhenAll(rows.GroupBy(row => row.Position.Id).Select(group => RedriveAsync(webhook, requests, group, cancellationToken)));
        return new() { Delivered = results.Sum(result => result.Delivered), Failed = results.Sum(result => result.Failed) };
    }

    private async Task<List<DeadLetterRow>> FindLettersAsync(
        WebhookConfiguration webhook, IReadOnlyList<EventPosition> wanted, CancellationToken cancellationToken)
    {
        List<DeadLetterRow> rows = [];
        foreach (var position in wanted.Distinct().Order())
        {
            var before = position.Child == EventPosition.Whole ? new(position.Id, EventPosition.Whole - 1) : new EventPosition(position.Id, position.Child - 1);
            rows.AddRange((await store.ListDeadLettersAsync(webhook.Id, before, 1, cancellationToken)).Where(row => row.Position == position));
        }

        return rows;
    }

    private async Task<(int Delivered, int Failed)> RedriveAsync(
        WebhookConfiguration webhook, WebhookRequests requests, IEnumerable<DeadLetterRow> rows, CancellationToken cancellationToken)
    {
        var (delivered, failed) = (0, 0);
        foreach (var row in rows)
        {
            // An event whose job is gone can be told no more.
            if (await events.FindAsync(row.Position, cancellationToken) is { } recorded && await requests.SendOnceAsync(recorded, cancellationToken) is not null)
            {
                failed++;
                continue;
            }

            await store.RemoveDeadLetterAsync(webhook.Id, row.Position, cancellationToken);
            delivered++;
        }

        return (delivered, failed);
    }

    private async Task<WebhookDetail> DescribeAsync(CancellationToken cancellationToken)
    {
        var webhook = Existing();
        var cursor = _delivering?.Delivery.Cursor ?? await store.ReadCursorAsync(webhook.Id, cancellationToken);
        return WebhookRules.Describe(webhook, cursor, _delivering?.Requests.LastFailure);
    }

    /// <summary>Of a webhook that is not: takes off what is left, its name last.</summary>
    private async Task ClearAsync(CancellationToken cancellationToken)
    {
        await store.RemoveAsync(Name, stored.State.LeftBehind, cancellationToken);
        if (stored.State.LeftBehind is not null)
        {
            await stored.ClearStateAsync(cancellationToken);
            stored.State = new();
        }

        DeactivateOnIdle();
    }

    private WebhookConfiguration Existing() => Configuration ?? throw WebhookRules.DoesNotExist(Name.Name);

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        if (Configuration is not { IsEnabled: true } webhook || _delivering is { Running.IsCompleted: false })
        {
            return;
        }

        // Also what keeps it in memory.
        _looks ??= this.RegisterGrainTimer(
            stopping => _changes.RunAsync(() => StartAsync(stopping)), new() { DueTime = Look, Period = Look, KeepAlive = true });

        // Whoever delivered before, on another silo perhaps, stores nothing more.
        var key = $"webhook/{webhook.Id}";
        var epoch = new EpochGuard(key, await jobs.TakeEpochAsync(key, cancellationToken));
        var requests = new WebhookRequests(webhook, sender, time);
        var delivery = new WebhookDelivery(webhook, epoch, requests, events, store, failpoints, time, logger);
        var stopping = new CancellationTokenSource();
        _delivering = new(delivery, requests, stopping, Task.Run(() => delivery.RunAsync(stopping.Token), CancellationToken.None));
    }

    private async Task StopAsync()
    {
        if (_delivering is { } delivering)
        {
            _delivering = null;
            await delivering.Stopping.CancelAsync();
            await delivering.Running;
            delivering.Stopping.Dispose();
        }
    }

    private async Task StoreAsync(WebhookGrainState state, CancellationToken cancellationToken)
    {
        stored.State = state;
        try
        {
            await stored.WriteStateAsync(cancellationToken);
        }
        catch
        {
            // Memory is ahead of storage; the next activation reads the truth.
            DeactivateOnIdle();
            throw;
        }
    }

    private sealed record Delivering(WebhookDelivery Delivery, WebhookRequests Requests, CancellationTokenSource Stopping, Task Running);
}
