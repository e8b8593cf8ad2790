using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Model;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Api.Operations;

/// <summary>Of ours: webhooks, at <c>/api/webhooks</c>.</summary>
/// <param name="name">What logs call it.</param>
/// <param name="method">HTTP method.</param>
/// <param name="answers">How its answer is written.</param>
/// <param name="run">Reads the rest of the request and asks the grain.</param>
internal sealed class WebhookOperation<TAnswer>(
    string name, string method, JsonTypeInfo<TAnswer> answers, Func<HttpRequest, Caller, IWebhooksGrain, Task<TAnswer>> run) : Operation(name)
{
    /// <inheritdoc/>
    public override string Method => method;

    /// <inheritdoc/>
    public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer) =>
        answer.Write(await run(request, caller, grains.Refer<IWebhooksGrain>(caller.Scope.Key)), answers);
}

/// <summary>The operations on webhooks.</summary>
internal static class WebhookOperations
{
    private static readonly JsonTypeInfo<WebhookRequest> Reads = RequestJson.InfoOf<WebhookRequest>();
    private static readonly JsonTypeInfo<RedriveRequest> ReadsRedrive = RequestJson.InfoOf<RedriveRequest>();

    /// <summary>At <c>/api/webhooks</c>.</summary>
    public static IReadOnlyList<Operation> OnAll { get; } =
    [
        new WebhookOperation<ListWebhooksResponse>("ListWebhooks", "GET", BatchJson.Default.ListWebhooksResponse, static (request, _, webhooks) =>
            webhooks.List(request.HttpContext.RequestAborted)),
        new WebhookOperation<WebhookDetail>("CreateWebhook", "POST", BatchJson.Default.WebhookDetail, static async (request, caller, webhooks) =>
        {
            var (body, invocation) = await RequestBody.ReadAsync(
                request, RequestLimits.Other, bytes => (RequestJson.Read(bytes, Reads), Invocations.Of(request, caller, bytes)));
            return await webhooks.Create(body, invocation, CancellationToken.None);
        }),
    ];

    /// <summary>At <c>/api/webhooks/{name}</c>.</summary>
    public static IReadOnlyList<Operation> OnOne { get; } =
    [
        new WebhookOperation<WebhookDetail>("DescribeWebhook", "GET", BatchJson.Default.WebhookDetail, static (request, _, webhooks) =>
            webhooks.Describe(NameOf(request), request.HttpContext.RequestAborted)),
        new WebhookOperation<WebhookDetail>("UpdateWebhook", "PATCH", BatchJson.Default.WebhookDetail, static async (request, _, webhooks) =>
            await webhooks.Update(await ReadAsync(request, Reads) with { Name = NameOf(request) }, CancellationToken.None)),
        new WebhookOperation<EmptyAnswer>("DeleteWebhook", "DELETE", BatchJson.Default.EmptyAnswer, static async (request, _, webhooks) =>
        {
            await webhooks.Delete(NameOf(request), CancellationToken.None);
            return EmptyAnswer.Instance;
        }),
    ];

    /// <summary>At <c>/api/webhooks/{name}/dead-letters</c>.</summary>
    public static IReadOnlyList<Operation> OnDeadLetters { get; } =
    [
        new WebhookOperation<ListDeadLettersResponse>("ListDeadLetters", "GET", BatchJson.Default.ListDeadLettersResponse, static (request, _, webhooks) =>
            webhooks.ListDeadLetters(
                NameOf(request), request.Query.TryGetValue("after", out var after) ? after.ToString() : null, request.HttpContext.RequestAborted)),
    ];

    /// <summary>At <c>/api/webhooks/{name}/dead-letters/redrive</c>.</summary>
    public static IReadOnlyList<Operation> OnRedrive { get; } =
    [
        new WebhookOperation<RedriveResponse>("RedriveDeadLetters", "POST", BatchJson.Default.RedriveResponse, static async (request, _, webhooks) =>
            await webhooks.Redrive(NameOf(request), await ReadAsync(request, ReadsRedrive), CancellationToken.None)),
    ];

    private static string NameOf(HttpRequest request) => request.RouteValues["name"]?.ToString() ?? "";

    private static ValueTask<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> reads)
        where T : class => RequestBody.ReadAsync(request, RequestLimits.Other, bytes => RequestJson.Read(bytes, reads));
}
