using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Requests;

/// <summary>Options of the form <c>NAME=VALUE</c>, which may be given often.</summary>
internal static class Pairs
{
    /// <summary>As a map, later ones over earlier ones; null when there are none.</summary>
    /// <exception cref="UsageException">One has no <c>=</c>.</exception>
    public static IReadOnlyDictionary<string, string>? Map(string option, string[]? texts) =>
        texts is { Length: > 0 } ? new Dictionary<string, string>(Split(option, texts)) : null;

    /// <summary>One by one.</summary>
    /// <exception cref="UsageException">One has no <c>=</c>.</exception>
    public static IEnumerable<KeyValuePair<string, string>> Split(string option, string[] texts)
    {
        Dictionary<string, string> pairs = [];
        foreach (var text in texts)
        {
            var equals = text.IndexOf('=');
            if (equals <= 0)
            {
                throw new UsageException($"{option} '{text}' must be NAME=VALUE.");
            }

            pairs[text[..equals]] = text[(equals + 1)..];
        }

        return pairs;
    }
}
