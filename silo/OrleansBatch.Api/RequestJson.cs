using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>Reads requests, strictly, and says in the caller's terms what is wrong with one.</summary>
internal static class RequestJson
{
    /// <summary>How deep a body may be nested.</summary>
    public const int MaxDepth = 64;

    private static readonly JsonSerializerOptions Options = new(BatchJson.Default.Options)
    {
        MaxDepth = MaxDepth,
        TypeInfoResolver = BatchJson.Default.WithAddedModifier(RefuseNullElements),
    };

    /// <summary>How to read a kind of request.</summary>
    public static JsonTypeInfo<T> InfoOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    /// <summary>Reads a body; an empty one counts as <c>{}</c>.</summary>
    /// <exception cref="BatchClientException">It is not JSON, or a member has another type than it should.</exception>
    public static T Read<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> info)
        where T : class
    {
        if (body.IsEmpty)
        {
            body = "{}"u8;
        }

        // The reader looks at a string's bytes only where the string is used.
        if (!Utf8.IsValid(body))
        {
            throw new BatchClientException("The request body is not valid UTF-8.");
        }

        try
        {
            return JsonSerializer.Deserialize(body, info) ?? throw new BatchClientException(JsonFault.NotAnObject);
        }
        catch (JsonException fault)
        {
            throw new BatchClientException(JsonFault.Explain(fault, body, info));
        }
    }

    // The types of lists and maps say that no element is null; JSON can say otherwise, and the rules behind the door rely on it.
    private static void RefuseNullElements(JsonTypeInfo info)
    {
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                info.OnDeserialized = static list => Refuse((IEnumerable)list, isList: true);
                break;
            case JsonTypeInfoKind.Dictionary:
                info.OnDeserialized = static map => Refuse(((IDictionary)map).Values, isList: false);
                break;
        }
    }

    private static void Refuse(IEnumerable elements, bool isList)
    {
        var index = 0;
        foreach (var element in elements)
        {
            if (element is null)
            {
                throw new NullElementException(isList ? index : null);
            }

            index++;
        }
    }
}

/// <summary>A list or map holds null.</summary>
/// <param name="index">Where in a list; null: in a map.</param>
internal sealed class NullElementException(int? index) : JsonException
{
    /// <summary>Where in a list: the path of the exception is that of the list's end.</summary>
    public int? Index { get; } = index;
}
