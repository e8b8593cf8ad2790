using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Events;
using OrleansBatch.Model;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Api.Operations;

/// <summary>Of ours: events, at <c>GET /api/events</c> and <c>GET /api/jobs/{id}/events</c>; as server-sent events when the caller accepts those.</summary>
internal sealed class ListEvents() : Operation("ListEvents")
{
    /// <summary>The operation, at both places.</summary>
    public static IReadOnlyList<Operation> Operations { get; } = [new ListEvents()];

    private const string EventStream = "text/event-stream";

    /// <summary>Shorter than what proxies close a silent connection after, and than the grain's longest wait.</summary>
    private const int WaitSeconds = 15;

    /// <inheritdoc/>
    public override string Method => "GET";

    /// <inheritdoc/>
    public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer)
    {
        var listing = EventQuery.Read(request);
        var events = grains.Refer<IEventsGrain>(caller.Scope.Key);
        if (!request.Headers.Accept.Any(accept => accept?.Contains(EventStream, StringComparison.OrdinalIgnoreCase) == true))
        {
            answer.Write(await events.List(listing, request.HttpContext.RequestAborted), BatchJson.Default.ListEventsResponse);
            return;
        }

        if (request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last)
        {
            listing = listing with { After = last };
        }

        // The first page before the first byte: a mistake is answered as one.
        await StreamAsync(request.HttpContext, events, listing, await events.List(listing with { WaitSeconds = 0 }, request.HttpContext.RequestAborted));
    }

    /// <summary>The next page; null when the server is about to stop, and the caller is to come again elsewhere.</summary>
    private static async Task<ListEventsResponse?> NextAsync(
        IEventsGrain events, ListEventsRequest listing, CancellationToken stopping, CancellationToken aborted)
    {
        try
        {
            return await events.List(listing, aborted);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return null;
        }
    }

    private static async Task StreamAsync(HttpContext context, IEventsGrain events, ListEventsRequest listing, ListEventsResponse page)
    {
        var response = context.Response;
        var stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var aborted = ends.Token;
        response.ContentType = EventStream;
        response.Headers.CacheControl = "no-store";
        await response.StartAsync(aborted);
        while (!stopping.IsCancellationRequested)
        {
            foreach (var each in page.Events)
            {
                var id = listing.JobId is null ? each.Cursor : $"{each.Detail.OrleansBatch!.SequenceNumber}";
                var data = JsonSerializer.Serialize(each, BatchJson.Default.BatchEvent);
                await response.WriteAsync($"id: {id}\ndata: {data}\n\n", aborted);
            }

            if (page.Events.Count == 0)
            {
                // A comment: it shows a caller that is gone.
                await response.WriteAsync(":\n\n", aborted);
            }

            await response.Body.FlushAsync(aborted);
            listing = listing with { After = page.NextCursor, WaitSeconds = WaitSeconds };
            if (await NextAsync(events, listing, stopping, aborted) is not { } next)
            {
                return;
            }

            page = next;
        }
    }
}
