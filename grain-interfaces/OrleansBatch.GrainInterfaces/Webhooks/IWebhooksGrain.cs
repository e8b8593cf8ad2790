using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.GrainInterfaces.Webhooks;

/// <summary>The webhooks of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IWebhooksGrain")]
public interface IWebhooksGrain : IGrainWithStringKey
{
    /// <summary>Creates a webhook: it gets the events from now on. The same invocation again gets the first answer.</summary>
    [Alias("Create")]
    Task<WebhookDetail> Create(WebhookRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes a webhook. Safe to repeat.</summary>
    [Alias("Update")]
    Task<WebhookDetail> Update(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a webhook with its dead letters. Safe to repeat.</summary>
    [Alias("Delete")]
    Task Delete(string name, CancellationToken cancellationToken);

    /// <summary>Describes one.</summary>
    [Alias("Describe")]
    Task<WebhookDetail> Describe(string name, CancellationToken cancellationToken);

    /// <summary>Describes all.</summary>
    [Alias("List")]
    Task<ListWebhooksResponse> List(CancellationToken cancellationToken);

    /// <summary>Lists a page of a webhook's dead letters.</summary>
    [Alias("ListDeadLetters")]
    Task<ListDeadLettersResponse> ListDeadLetters(string name, string? after, CancellationToken cancellationToken);

    /// <summary>Sends dead letters again, once each. What is delivered is a dead letter no more.</summary>
    [Alias("Redrive")]
    Task<RedriveResponse> Redrive(string name, RedriveRequest request, CancellationToken cancellationToken);
}
