using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using OrleansBatch.Grains.Telemetry;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Silo;

/// <summary>Metrics for whoever scrapes <c>/metrics</c>; metrics and traces for a collector, when one is named.</summary>
/// <remarks>The names of the settings are OpenTelemetry's own, such as OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SERVICE_NAME and OTEL_TRACES_SAMPLER.</remarks>
internal static class Telemetry
{
    private const string Collector = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>Whether traces are wanted.</summary>
    public static bool HasCollector(IConfiguration configuration) => !string.IsNullOrEmpty(configuration[Collector]);

    /// <summary>Adds it. Nobody traces while no collector is named.</summary>
    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        var hasCollector = HasCollector(builder.Configuration);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService("orleansbatch-silo", serviceInstanceId: $"{Environment.MachineName}/{Environment.ProcessId}")
                // Again, and last: what its user calls it counts.
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(BatchMetrics.MeterName, "Microsoft.Orleans", "Npgsql").AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter();
                if (hasCollector)
                {
                    metrics.AddOtlpExporter();
                }
            });
        if (hasCollector)
        {
            telemetry.WithTracing(traces => traces
                .AddSource(JobTraces.SourceName, "Microsoft.Orleans.Application", "Npgsql")
                .AddAspNetCoreInstrumentation()
                .AddOtlpExporter());
        }
    }
}
