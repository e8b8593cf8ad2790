using System.Globalization;

namespace OrleansBatch.Client.Output;

/// <summary>Facts as people read them.</summary>
internal static class Texts
{
    /// <summary>A time in local short form: of today only the hour, else the day too.</summary>
    /// <param name="epochMilliseconds">As on the wire; null: not yet.</param>
    /// <param name="time">The clock, and the zone.</param>
    public static string Time(long? epochMilliseconds, TimeProvider time)
    {
        if (epochMilliseconds is not { } milliseconds)
        {
            return string.Empty;
        }

        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), time.LocalTimeZone);
        var isToday = local.Date == time.GetLocalNow().Date;
        return local.ToString(isToday ? "HH:mm:ss" : "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
    }

    /// <summary>A time to the millisecond, as lines of a log are marked.</summary>
    public static string ExactTime(long epochMilliseconds, TimeProvider time) => TimeZoneInfo
        .ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(epochMilliseconds), time.LocalTimeZone)
        .ToString("yyyy-MM-dd'T'HH:mm:ss.fffzzz", CultureInfo.InvariantCulture);

    /// <summary>A number, or nothing.</summary>
    public static string Number(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? string.Empty;

    /// <summary>The name at the end of an ARN; what is no ARN is a name already.</summary>
    public static string NameOf(string arn) => arn[(arn.LastIndexOf('/') + 1)..];

    /// <summary>Names and values on one line.</summary>
    public static string Pairs(IEnumerable<KeyValuePair<string, string>>? pairs) =>
        string.Join(' ', (pairs ?? []).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
}
