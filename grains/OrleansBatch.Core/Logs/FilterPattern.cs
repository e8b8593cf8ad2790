using System.Collections.Immutable;
using System.Text;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Logs;

/// <summary>Which lines a filter pattern lets through: words and phrases that must, may or must not occur, case-sensitive.</summary>
/// <remarks>Source: CloudWatch Logs user guide, "Filter pattern syntax for unstructured log events". Patterns on JSON, on columns and regular expressions are refused.</remarks>
public sealed class FilterPattern
{
    private const int MaximumLength = 1024;

    private readonly ImmutableArray<string> _all;
    private readonly ImmutableArray<string> _any;
    private readonly ImmutableArray<string> _none;

    private FilterPattern(ImmutableArray<string> all, ImmutableArray<string> any, ImmutableArray<string> none) =>
        (_all, _any, _none) = (all, any, none);

    /// <summary>Reads a pattern; an absent or blank one lets everything through.</summary>
    /// <exception cref="LogsClientException">It is too long, broken, or of a kind that is not supported.</exception>
    public static FilterPattern Parse(string? text)
    {
        if (text is { Length: > MaximumLength })
        {
            throw LogRules.Invalid($"filterPattern has {text.Length} characters, at most {MaximumLength} are allowed.");
        }

        var (all, any, none) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        var rest = (text ?? "").AsSpan().Trim();
        while (!rest.IsEmpty)
        {
            var list = rest[0] switch { '-' => none, '?' => any, _ => all };
            rest = list == all ? rest : rest[1..];
            list.Add(Term(ref rest));
            rest = rest.TrimStart();
        }

        return new(all.ToImmutable(), any.ToImmutable(), none.ToImmutable());
    }

    /// <summary>Whether a line passes.</summary>
    public bool Matches(string line) =>
        Array.TrueForAll([.. _all], term => line.Contains(term, StringComparison.Ordinal))
        && !_none.Any(term => line.Contains(term, StringComparison.Ordinal))
        && (_any.IsEmpty || _any.Any(term => line.Contains(term, StringComparison.Ordinal)));

    private static string Term(ref ReadOnlySpan<char> rest)
    {
        if (rest.IsEmpty || char.IsWhiteSpace(rest[0]))
        {
            throw LogRules.Invalid("filterPattern has a '-' or '?' without a word behind it.");
        }

        if (rest[0] is '{' or '[' or '%')
        {
            throw LogRules.Invalid("filterPattern: patterns of the form {…}, […] and %…% are not supported; words, \"phrases\", -word and ?word are.");
        }

        return rest[0] == '"' ? Phrase(ref rest) : Word(ref rest);
    }

    private static string Word(ref ReadOnlySpan<char> rest)
    {
        var end = 0;
        while (end < rest.Length && !char.IsWhiteSpace(rest[end]))
        {
            end++;
        }

        var word = rest[..end].ToString();
        rest = rest[end..];
        return word;
    }

    private static string Phrase(ref ReadOnlySpan<char> rest)
    {
        var phrase = new StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return phrase.Length > 0 ? phrase.ToString() : throw LogRules.Invalid("filterPattern has an empty phrase.");
            }

            if (rest[i] == '\\' && i + 1 < rest.Length && rest[i + 1] is '"' or '\\')
            {
                i++;
            }

            phrase.Append(rest[i]);
        }

        throw LogRules.Invalid("filterPattern has a phrase without an end: a closing '\"' is missing.");
    }
}
