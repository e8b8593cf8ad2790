using System.Globalization;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Requests;

/// <summary>Times and durations as people type them.</summary>
internal static class Moments
{
    /// <summary>A duration: seconds, or a number with s, m, h or d.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static TimeSpan Duration(string option, string text) =>
        TryDuration(text) ?? throw new UsageException($"{option} '{text}' must be a number of seconds, or a number with s, m, h or d, such as 90, 5m or 2h.");

    /// <summary>A time: an age such as <c>10m</c> or <c>2h</c>, or a date with or without an hour, local unless it says otherwise.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public static DateTimeOffset Time(string option, string text, TimeProvider time)
    {
        if (text.Length > 0 && !char.IsAsciiDigit(text[^1]) && TryDuration(text) is { } age)
        {
            return time.GetUtcNow() - age;
        }

        return DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? local.Kind == DateTimeKind.Unspecified ? new(local, time.LocalTimeZone.GetUtcOffset(local)) : new(local)
            : throw new UsageException($"{option} '{text}' must be a time such as 2026-03-01 or 2026-03-01T14:30, or an age such as 10m, 2h or 1d.");
    }

    private static TimeSpan? TryDuration(string text)
    {
        var (number, unit) = text.Length > 1 && char.IsAsciiLetter(text[^1]) ? (text[..^1], text[^1]) : (text, 's');
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) || count > 1_000_000)
        {
            return null;
        }

        return unit switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            'd' => TimeSpan.FromDays(count),
            _ => null,
        };
    }
}
