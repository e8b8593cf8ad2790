using Orleans.Concurrency;
using OrleansBatch.Core.Webhooks;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Grains.Webhooks;

/// <summary>Takes what every door asks of a scope's webhooks to the named ones. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class WebhooksGrain(IWebhookStore store) : Grain, IWebhooksGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public Task<WebhookDetail> Create(WebhookRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
        Webhook(request.Name).Create(request, invocation, cancellationToken);

    public Task<WebhookDetail> Update(WebhookRequest request, CancellationToken cancellationToken) =>
        Webhook(request.Name).Update(request, cancellationToken);

    public Task Delete(string name, CancellationToken cancellationToken) => Webhook(name).Delete(cancellationToken);

    public async Task<WebhookDetail> Describe(string name, CancellationToken cancellationToken) =>
        await Webhook(name).Read(cancellationToken) ?? throw WebhookRules.DoesNotExist(name);

    public async Task<ListWebhooksResponse> List(CancellationToken cancellationToken)
    {
        var names = (await store.ListAsync(cancellationToken)).Where(webhook => webhook.Scope == Scope);
        var found = await Task.WhenAll(names.Select(webhook => Webhook(webhook.Name).Read(cancellationToken)));
        return new() { Webhooks = [.. found.OfType<WebhookDetail>()] };
    }

    public Task<ListDeadLettersResponse> ListDeadLetters(string name, string? after, CancellationToken cancellationToken) =>
        Webhook(name).ListDeadLetters(after, cancellationToken);

    public Task<RedriveResponse> Redrive(string name, RedriveRequest request, CancellationToken cancellationToken) =>
        Webhook(name).Redrive(request, cancellationToken);

    private IWebhookGrain Webhook(string? name) => GrainFactory.Refer<IWebhookGrain>(new ScopedName(Scope, WebhookRules.NameOf(name)).Key);
}
