using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace OrleansBatch.Client.Output;

/// <summary>Writes AWS's own JSON, for programs and for people who look.</summary>
internal static class JsonOutput
{
    /// <summary>One document.</summary>
    public static void WriteJson<T>(this TextWriter writer, T value, JsonTypeInfo<T> type) => writer.WriteLine(Text(value, type, isIndented: true));

    /// <summary>One line of a stream of documents.</summary>
    public static void WriteJsonLine<T>(this TextWriter writer, T value, JsonTypeInfo<T> type) => writer.WriteLine(Text(value, type, isIndented: false));

    private static string Text<T>(T value, JsonTypeInfo<T> type, bool isIndented)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new() { Indented = isIndented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            JsonSerializer.Serialize(json, value, type);
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
