using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Agent.Program;

/// <summary>The agent's part of the jobs' traces, for a collector, when one is named.</summary>
/// <remarks>The names of the settings are OpenTelemetry's own, as for the silo: OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER and so on.</remarks>
internal static class AgentTelemetry
{
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Begins to export. Disposing sends what is left.</summary>
    /// <returns>Null without a collector: nothing is traced then, and no library for it is loaded.</returns>
    public static IDisposable? Begin(string nodeId) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Collector)) ? null : Export(nodeId);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TracerProvider Export(string nodeId) => Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("orleansbatch-agent", serviceInstanceId: nodeId).AddEnvironmentVariableDetector())
        .AddSource(JobTraces.SourceName)
        .AddOtlpExporter()
        .Build();
}
