using System.Text;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Jobs;

/// <summary>Puts parameters in the place of <c>Ref::name</c> in a command.</summary>
/// <remarks>Source: AWS Batch user guide, "Parameters"; the service refuses a reference without a value at SubmitJob.</remarks>
public static class ParameterSubstitution
{
    private const string Marker = "Ref::";

    /// <summary>The command with every reference replaced. What comes in is not looked at again.</summary>
    /// <exception cref="BatchClientException">A reference has no value.</exception>
    public static IReadOnlyList<string> InCommand(IReadOnlyList<string> command, IReadOnlyDictionary<string, string> parameters) =>
        command.Any(HasReference) ? [.. command.Select(element => InElement(element, parameters))] : command;

    private static bool HasReference(string element) => element.Contains(Marker, StringComparison.Ordinal);

    private static string InElement(string element, IReadOnlyDictionary<string, string> parameters)
    {
        var result = new StringBuilder();
        var position = 0;
        while (element.IndexOf(Marker, position, StringComparison.Ordinal) is >= 0 and var found)
        {
            var start = found + Marker.Length;
            var end = start;
            while (end < element.Length && IsNameCharacter(element[end]))
            {
                end++;
            }

            result.Append(element, position, found - position);
            position = end;
            if (start == end)
            {
                // A marker that names nothing is ordinary text.
                result.Append(Marker);
                continue;
            }

            var name = LongestKnown(element[start..end], parameters)
                ?? throw new BatchClientException($"Unable to substitute value. No parameter found for reference {element[start..end]}");
            result.Append(parameters[name]);
            position = start + name.Length;
        }

        return result.Append(element, position, element.Length - position).ToString();
    }

    /// <summary>In <c>Ref::out.txt</c> both <c>out</c> and <c>out.txt</c> may be meant: the longest name that has a value is.</summary>
    private static string? LongestKnown(string text, IReadOnlyDictionary<string, string> parameters)
    {
        for (var length = text.Length; length > 0; length--)
        {
            if (parameters.ContainsKey(text[..length]))
            {
                return text[..length];
            }
        }

        return null;
    }

    private static bool IsNameCharacter(char character) => char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-';
}
