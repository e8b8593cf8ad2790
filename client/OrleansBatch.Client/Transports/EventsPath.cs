using System.Globalization;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Client.Transports;

/// <summary>Where a listing of events is asked for over HTTP.</summary>
internal static class EventsPath
{
    public static string Of(ListEventsRequest request)
    {
        var path = request.JobId is null ? "/api/events" : $"/api/jobs/{Uri.EscapeDataString(request.JobId)}/events";
        IEnumerable<(string Name, string? Value)> query =
        [
            ("after", request.After),
            .. Many("detailType", request.DetailTypes),
            .. Many("jobQueue", request.JobQueues),
            ("maxResults", request.MaxResults?.ToString(CultureInfo.InvariantCulture)),
            .. Many("status", request.Statuses),
            ("waitSeconds", request.WaitSeconds?.ToString(CultureInfo.InvariantCulture)),
        ];
        var text = string.Join('&', query.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}"));
        return text.Length == 0 ? path : $"{path}?{text}";
    }

    private static IEnumerable<(string Name, string? Value)> Many(string name, IReadOnlyList<string>? values) =>
        (values ?? []).Order(StringComparer.Ordinal).Select(value => (name, (string?)value));
}
