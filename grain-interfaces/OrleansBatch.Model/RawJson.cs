using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBatch.Model;

/// <summary>A member that is carried as it came: JSON text.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.RawJson")]
[JsonConverter(typeof(RawJsonConverter))]
public sealed record RawJson([property: Id(0)] string Text);

/// <summary>Reads and writes <see cref="RawJson"/> without looking into it.</summary>
public sealed class RawJsonConverter : JsonConverter<RawJson>
{
    /// <inheritdoc/>
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return new(document.RootElement.GetRawText());
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Text);
}
