using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage;

/// <summary>The JSON of a node's row: a later program reads it, and what is not in it is its default.</summary>
internal static class NodeJson
{
    private static readonly JsonTypeInfo<NodeRow> Row = (JsonTypeInfo<NodeRow>)new JsonSerializerOptions(NodeJsonContext.Default.Options)
    {
        TypeInfoResolver = ((IJsonTypeInfoResolver)NodeJsonContext.Default).WithAddedModifier(WithoutRequired),
    }.GetTypeInfo(typeof(NodeRow));

    public static byte[] Write(NodeRow row) => JsonSerializer.SerializeToUtf8Bytes(row, Row);

    // Generated readers give an absent member its type's default, not its initial value.
    public static NodeRow Read(ReadOnlySpan<byte> json)
    {
        var row = JsonSerializer.Deserialize(json, Row)!;
        return row with { Former = row.Former.IsDefault ? [] : row.Former, Joins = row.Joins.IsDefault ? [] : row.Joins };
    }

    // What is its default is not written, and a member that is required today may be missing in a row of yesterday.
    private static void WithoutRequired(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            property.IsRequired = false;
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(NodeRow))]
internal sealed partial class NodeJsonContext : JsonSerializerContext;
