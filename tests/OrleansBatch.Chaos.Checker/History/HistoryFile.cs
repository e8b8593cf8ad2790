using System.Text.Json;
using System.Text.Json.Serialization;

namespace OrleansBatch.Chaos.Checker.History;

/// <summary>A history on disk: one JSON object a line.</summary>
public static class HistoryFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>A line.</summary>
    public static string ToLine(Entry entry) => JsonSerializer.Serialize(entry, Options);

    /// <summary>What a line says.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static Entry Parse(string line) => JsonSerializer.Deserialize<Entry>(line, Options) ?? throw new JsonException("A line says nothing.");

    /// <summary>Reads a file.</summary>
    public static IReadOnlyList<Entry> Read(string path) => [.. File.ReadLines(path).Where(line => line.Length > 0).Select(Parse)];
}
