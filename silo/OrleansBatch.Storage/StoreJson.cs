using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage;

/// <summary>The JSON inside rows: it must be read by later programs, and by earlier members' absence.</summary>
/// <remarks>Unknown members are ignored, missing ones are their default, enums are numbers, times are epoch milliseconds.</remarks>
internal static class StoreJson
{
    private static readonly JsonSerializerOptions Options = new(StoreJsonContext.Default.Options)
    {
        TypeInfoResolver = ((IJsonTypeInfoResolver)StoreJsonContext.Default).WithAddedModifier(WithoutRequired),
        // The text goes into a column, never into a page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonTypeInfo<JobSpec> Spec = (JsonTypeInfo<JobSpec>)Options.GetTypeInfo(typeof(JobSpec));
    private static readonly JsonTypeInfo<JobState> State = (JsonTypeInfo<JobState>)Options.GetTypeInfo(typeof(JobState));
    private static readonly JsonTypeInfo<JobDefinition> Definition = (JsonTypeInfo<JobDefinition>)Options.GetTypeInfo(typeof(JobDefinition));
    private static readonly JsonTypeInfo<IReadOnlyDictionary<string, string>> TagsInfo =
        (JsonTypeInfo<IReadOnlyDictionary<string, string>>)Options.GetTypeInfo(typeof(IReadOnlyDictionary<string, string>));

    private static readonly JsonTypeInfo<HostRow> Host = (JsonTypeInfo<HostRow>)Options.GetTypeInfo(typeof(HostRow));

    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    public static byte[] Write(JobSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, Spec);

    public static byte[] Write(JobState state) => JsonSerializer.SerializeToUtf8Bytes(state, State);

    public static byte[] Write(JobDefinition definition) => JsonSerializer.SerializeToUtf8Bytes(definition, Definition);

    public static byte[] Write(IReadOnlyDictionary<string, string> tags) => JsonSerializer.SerializeToUtf8Bytes(tags, TagsInfo);

    public static byte[] Write(HostRow host) => JsonSerializer.SerializeToUtf8Bytes(host, Host);

    public static HostRow ReadHost(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Host)!;

    public static IReadOnlyDictionary<string, string> ReadTags(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, TagsInfo)!;

    // Generated readers give an absent member its type's default, not its initial value: collections are put right here.
    public static JobSpec ReadSpec(ReadOnlySpan<byte> json)
    {
        var spec = JsonSerializer.Deserialize(json, Spec)!;
        return spec is { Parameters: not null, Tags: not null, DefinitionTags: not null, DependsOn: not null }
            ? spec
            : spec with
            {
                Parameters = spec.Parameters ?? None,
                Tags = spec.Tags ?? None,
                DefinitionTags = spec.DefinitionTags ?? None,
                DependsOn = spec.DependsOn ?? [],
            };
    }

    public static JobState ReadState(ReadOnlySpan<byte> json)
    {
        var state = JsonSerializer.Deserialize(json, State)!;
        state = state.Attempts.IsDefault ? state with { Attempts = [] } : state;
        return state.Unwritten is { Attempts.IsDefault: true } unwritten ? state with { Unwritten = unwritten with { Attempts = [] } } : state;
    }

    public static JobDefinition ReadDefinition(ReadOnlySpan<byte> json)
    {
        var definition = JsonSerializer.Deserialize(json, Definition)!;
        return definition is { Parameters: not null, Tags: not null, PlatformCapabilities: not null }
            ? definition
            : definition with
            {
                Parameters = definition.Parameters ?? None,
                Tags = definition.Tags ?? None,
                PlatformCapabilities = definition.PlatformCapabilities ?? [],
            };
    }

    // A member that is required today may be missing in a row of yesterday.
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
    IgnoreReadOnlyProperties = true,
    Converters = [typeof(EpochMillisecondsConverter)])]
[JsonSerializable(typeof(JobSpec))]
[JsonSerializable(typeof(JobState))]
[JsonSerializable(typeof(JobDefinition))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(HostRow))]
internal sealed partial class StoreJsonContext : JsonSerializerContext;

/// <summary>Times as epoch milliseconds: what is finer is cut off, as on the wire.</summary>
internal sealed class EpochMillisecondsConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.ToUnixTimeMilliseconds());
}
