using System.Globalization;
using Microsoft.AspNetCore.Http;
using OrleansBatch.Model;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Api.Operations;

/// <summary>Reads a listing of events from a path and its query.</summary>
internal static class EventQuery
{
    private static readonly string[] Known = ["after", "maxResults", "detailType", "status", "jobQueue", "waitSeconds"];

    /// <exception cref="BatchClientException">A parameter is unknown, or is not what it should be.</exception>
    public static ListEventsRequest Read(HttpRequest request)
    {
        foreach (var name in request.Query.Keys)
        {
            if (!Known.Contains(name))
            {
                throw new BatchClientException($"There is no parameter '{name}': there are {string.Join(", ", Known)}.");
            }
        }

        return new()
        {
            JobId = request.RouteValues["id"]?.ToString()?.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase),
            After = One(request, "after"),
            MaxResults = Number(request, "maxResults"),
            DetailTypes = Many(request, "detailType"),
            Statuses = Many(request, "status"),
            JobQueues = Many(request, "jobQueue"),
            WaitSeconds = Number(request, "waitSeconds"),
        };
    }

    private static IReadOnlyList<string>? Many(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var values) ? [.. values.OfType<string>()] : null;

    private static string? One(HttpRequest request, string name) => Many(request, name) switch
    {
        null => null,
        [var value] => value,
        var values => throw new BatchClientException($"{name} can be given once, got {values.Count}."),
    };

    private static int? Number(HttpRequest request, string name)
    {
        if (One(request, name) is not { } text)
        {
            return null;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new BatchClientException($"{name} must be a whole number, got '{text}'.");
    }
}
