using System.Text.Json;
using System.Text.Json.Serialization;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage;

/// <summary>The JSON of a node's row: a later program reads it, and what is not in it is its default.</summary>
internal static class NodeJson
{
    public static byte[] Write(NodeRow row) => JsonSerializer.SerializeToUtf8Bytes(row, NodeJsonContext.Default.NodeRow);

    // Generated readers give an absent member its type's default, not its initial value.
    public static NodeRow Read(ReadOnlySpan<byte> json)
    {
        var row = JsonSerializer.Deserialize(json, NodeJsonContext.Default.NodeRow)!;
        return row with { Former = row.Former.IsDefault ? [] : row.Former, Joins = row.Joins.IsDefault ? [] : row.Joins };
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(NodeRow))]
internal sealed partial class NodeJsonContext : JsonSerializerContext;
