using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.GrainInterfaces.Webhooks;

/// <summary>One webhook: in a cluster, too, only one sends. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.IWebhookGrain")]
public interface IWebhookGrain : IGrainWithStringKey
{
    /// <summary>The webhook; null when it does not exist.</summary>
    [Alias("Read")]
    Task<WebhookDetail?> Read(CancellationToken cancellationToken);

    /// <summary>Creates it. The same invocation again gets the first answer.</summary>
    [Alias("Create")]
    Task<WebhookDetail> Create(WebhookRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes it.</summary>
    [Alias("Update")]
    Task<WebhookDetail> Update(WebhookRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes it.</summary>
    [Alias("Delete")]
    Task Delete(CancellationToken cancellationToken);

    /// <summary>Makes sure that it sends, if it is to.</summary>
    [Alias("Wake")]
    Task Wake(CancellationToken cancellationToken);

    /// <summary>Lists a page of dead letters.</summary>
    [Alias("ListDeadLetters")]
    Task<ListDeadLettersResponse> ListDeadLetters(string? after, CancellationToken cancellationToken);

    /// <summary>Sends dead letters again.</summary>
    [Alias("Redrive")]
    Task<RedriveResponse> Redrive(RedriveRequest request, CancellationToken cancellationToken);
}
