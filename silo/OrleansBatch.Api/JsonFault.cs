using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>Says what is wrong with a request body, in the words of JSON and of the API, never in those of this program's types.</summary>
internal static class JsonFault
{
    /// <summary>What to say of a body that is some other JSON value.</summary>
    public const string NotAnObject = "The request body must be a JSON object.";

    private const int MaxShownLength = 200;

    /// <summary>A sentence for the caller.</summary>
    public static string Explain(JsonException fault, ReadOnlySpan<byte> body, JsonTypeInfo root)
    {
        if (SyntaxFaultOf(body) is { } syntax)
        {
            var where = string.Create(
                CultureInfo.InvariantCulture, $"line {syntax.LineNumber.GetValueOrDefault() + 1}, byte {syntax.BytePositionInLine.GetValueOrDefault() + 1}");
            return $"The request body is not valid JSON, or nested deeper than {RequestJson.MaxDepth} levels ({where}).";
        }

        var path = fault.Path ?? "$";
        if (path == "$")
        {
            return NotAnObject;
        }

        if (fault is NullElementException { Index: { } index } && path.LastIndexOf('[') is >= 0 and var bracket)
        {
            path = string.Create(CultureInfo.InvariantCulture, $"{path.AsSpan(0, bracket)}[{index}]");
        }

        var shown = Show(path);
        return fault is NullElementException
            ? $"{shown} must not hold null."
            : $"{shown} must be {Words(TypeAt(path, root))}.";
    }

    private static JsonException? SyntaxFaultOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = RequestJson.MaxDepth });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException fault)
        {
            return fault;
        }
    }

    private static string Show(string path)
    {
        var shown = path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path[1..];
        return shown.Length <= MaxShownLength ? shown : string.Concat(shown.AsSpan(0, MaxShownLength), "…");
    }

    // Follows a path such as $.containerProperties.environment[0].name or $.tags['a.b'] through the types.
    private static Type? TypeAt(string path, JsonTypeInfo root)
    {
        var info = root;
        var rest = path.AsSpan(1);
        while (!rest.IsEmpty && info is not null)
        {
            var step = StepOf(rest, out var length);
            rest = rest[length..];
            var next = info.Kind switch
            {
                JsonTypeInfoKind.Object => MemberOf(info, step),
                JsonTypeInfoKind.Enumerable or JsonTypeInfoKind.Dictionary => info.ElementType,
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            info = info.Options.GetTypeInfo(next);
        }

        return info?.Type;
    }

    private static ReadOnlySpan<char> StepOf(ReadOnlySpan<char> rest, out int length)
    {
        if (rest[0] == '.')
        {
            var end = rest[1..].IndexOfAny('.', '[');
            length = end < 0 ? rest.Length : end + 1;
            return rest[1..length];
        }

        // An index, or a map's key in quotes that may itself hold brackets: then it is the last thing named, for maps hold plain values only.
        var isKey = rest.StartsWith("['", StringComparison.Ordinal);
        var close = isKey ? rest.Length - 1 : rest.IndexOf(']');
        length = close < 0 ? rest.Length : close + 1;
        return rest[..length].Trim("[']");
    }

    private static Type? MemberOf(JsonTypeInfo info, ReadOnlySpan<char> name)
    {
        foreach (var member in info.Properties)
        {
            if (name.SequenceEqual(member.Name))
            {
                return member.PropertyType;
            }
        }

        return null;
    }

    private static string Words(Type? type)
    {
        if (type is null)
        {
            return "of another type";
        }

        return (Nullable.GetUnderlyingType(type) ?? type) switch
        {
            var t when t == typeof(string) => "a string",
            var t when t == typeof(bool) => "true or false",
            var t when t == typeof(int) => $"a whole number between {int.MinValue} and {int.MaxValue}",
            var t when t == typeof(long) => $"a whole number between {long.MinValue} and {long.MaxValue}",
            var t when t == typeof(RawJson) => "JSON",
            var t when t.IsGenericType && t.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) => "an array",
            _ => "an object",
        };
    }
}
