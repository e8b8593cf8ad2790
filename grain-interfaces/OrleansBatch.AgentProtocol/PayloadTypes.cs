using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.AgentProtocol;

/// <summary>The records that travel as JSON, and no others.</summary>
/// <remarks>Not generated at build time: generated code sets every member that can only be set at the beginning, so one that is absent would lose its default and, say, a list be no list.</remarks>
public sealed class PayloadTypes
{
    private PayloadTypes()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        };
        AgentHello = Of<AgentHello>(options);
        LaunchOrders = Of<ImmutableArray<LaunchOrder>>(options);
        AttemptReports = Of<ImmutableArray<AttemptReport>>(options);
        LogQuery = Of<LogQuery>(options);
        LogPage = Of<LogPage>(options);
        LogLocation = Of<LogLocation>(options);
        options.MakeReadOnly();
    }

    /// <summary>All of them.</summary>
    public static PayloadTypes Default { get; } = new();

    /// <summary>Of a hello.</summary>
    public JsonTypeInfo<AgentHello> AgentHello { get; }

    /// <summary>Of a launch.</summary>
    public JsonTypeInfo<ImmutableArray<LaunchOrder>> LaunchOrders { get; }

    /// <summary>Of reports.</summary>
    public JsonTypeInfo<ImmutableArray<AttemptReport>> AttemptReports { get; }

    /// <summary>Of the question for a log.</summary>
    public JsonTypeInfo<LogQuery> LogQuery { get; }

    /// <summary>Of its answer.</summary>
    public JsonTypeInfo<LogPage> LogPage { get; }

    /// <summary>Of a log's place.</summary>
    public JsonTypeInfo<LogLocation> LogLocation { get; }

    private static JsonTypeInfo<T> Of<T>(JsonSerializerOptions options) => (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
}
