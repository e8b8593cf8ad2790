using System.Globalization;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Core.Events;

/// <summary>A listing of events, read from its request.</summary>
/// <param name="Limit">Events at most.</param>
/// <param name="Wait">How long to wait while there are none.</param>
public abstract record EventListing(int Limit, TimeSpan Wait)
{
    /// <summary>The word for the end of all events, instead of a cursor.</summary>
    public const string Now = "now";

    private const int MostResults = 1_000;
    private const int DefaultResults = 100;
    private const int LongestWait = 20;

    /// <summary>One job's events, those with a greater number.</summary>
    public sealed record OfJob(string JobId, int After, int Limit, TimeSpan Wait) : EventListing(Limit, Wait);

    /// <summary>All jobs' events behind a position; null: those from now on.</summary>
    public sealed record OfAll(EventFilter Filter, EventPosition? After, int Limit, TimeSpan Wait) : EventListing(Limit, Wait);

    /// <summary>Reads a request.</summary>
    /// <exception cref="BatchClientException">A field breaks a rule.</exception>
    public static EventListing Read(ListEventsRequest request, Scope scope)
    {
        if (request.MaxResults is < 1 or > MostResults)
        {
            throw new BatchClientException($"maxResults must be between 1 and {MostResults}, got {request.MaxResults}.");
        }

        if (request.WaitSeconds is < 0 or > LongestWait)
        {
            throw new BatchClientException($"waitSeconds must be between 0 and {LongestWait}, got {request.WaitSeconds}.");
        }

        var limit = request.MaxResults ?? DefaultResults;
        var wait = TimeSpan.FromSeconds(request.WaitSeconds ?? 0);
        if (request.JobId is { } job)
        {
            CheckNoFilter(request);
            var jobId = Arns.FindJobId(job, scope) ?? throw NoJob(job);
            return new OfJob(jobId, request.After is { } number ? Number(number) : 0, limit, wait);
        }

        var filter = EventFilter.Read(request.DetailTypes, request.Statuses, request.JobQueues, scope);
        return request.After switch
        {
            null => new OfAll(filter, EventPosition.Start, limit, wait),
            Now => new OfAll(filter, null, limit, wait),
            var text => new OfAll(filter, EventPosition.Parse(text) ?? throw BadCursor(text), limit, wait),
        };
    }

    /// <summary>Says that there is no such job.</summary>
    public static BatchClientException NoJob(string job) => new($"Job {job} does not exist.");

    private static void CheckNoFilter(ListEventsRequest request)
    {
        foreach (var (field, values) in new[] { ("detailTypes", request.DetailTypes), ("statuses", request.Statuses), ("jobQueues", request.JobQueues) })
        {
            if (values is { Count: > 0 })
            {
                throw new BatchClientException($"{field} cannot be given together with a job.");
            }
        }
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw BadCursor(text);

    private static BatchClientException BadCursor(string text) => new($"after: must be a cursor of an earlier answer, got '{text}'.");
}
