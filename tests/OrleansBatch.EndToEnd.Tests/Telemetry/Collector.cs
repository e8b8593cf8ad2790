using System.Collections.Concurrent;
using System.Collections.Immutable;
using Google.Protobuf.Collections;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansBatch.EndToEnd.Tests.Telemetry.Wire;

namespace OrleansBatch.EndToEnd.Tests.Telemetry;

/// <summary>A collector of OpenTelemetry on the loopback: keeps the spans and the names of metrics that come.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Collector(WebApplication app, Received received) => (_app, Told) = (app, received);

    /// <summary>What has come so far.</summary>
    public Received Told { get; }

    /// <summary>The settings of a program that sends to it: soon, for a test waits.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.Single(),
        ["OTEL_BSP_SCHEDULE_DELAY"] = "50",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "100",
    };

    public static async Task<Collector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        var received = new Received();
        builder.Services.AddSingleton(received);
        var app = builder.Build();
        app.MapGrpcService<Traces>();
        app.MapGrpcService<Metrics>();
        await app.StartAsync();
        return new(app, received);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>What came.</summary>
    internal sealed class Received
    {
        private readonly ConcurrentQueue<ToldSpan> _spans = [];
        private readonly ConcurrentDictionary<(string Service, string Name), bool> _metrics = [];

        public ImmutableArray<ToldSpan> Spans => [.. _spans];

        public ImmutableArray<(string Service, string Name)> Metrics => [.. _metrics.Keys];

        /// <summary>Those of a job's trace: its number is the job's id.</summary>
        public ImmutableArray<ToldSpan> Of(string jobId) => [.. _spans.Where(span => span.TraceId == jobId.Replace("-", "", StringComparison.Ordinal))];

        public void Add(ToldSpan span) => _spans.Enqueue(span);

        public void Add(string service, string metric) => _metrics[(service, metric)] = true;
    }

    private sealed class Traces(Received received) : TraceService.TraceServiceBase
    {
        public override Task<ExportTraceServiceResponse> Export(ExportTraceServiceRequest request, ServerCallContext context)
        {
            foreach (var resource in request.ResourceSpans)
            {
                var service = ToldSpan.TextsOf(resource.Resource.Attributes)["service.name"];
                foreach (var span in resource.ScopeSpans.SelectMany(scope => scope.Spans))
                {
                    received.Add(ToldSpan.Of(service, span));
                }
            }

            return Task.FromResult(new ExportTraceServiceResponse());
        }
    }

    private sealed class Metrics(Received received) : MetricsService.MetricsServiceBase
    {
        public override Task<ExportMetricsServiceResponse> Export(ExportMetricsServiceRequest request, ServerCallContext context)
        {
            foreach (var resource in request.ResourceMetrics)
            {
                var service = ToldSpan.TextsOf(resource.Resource.Attributes)["service.name"];
                foreach (var metric in resource.ScopeMetrics.SelectMany(scope => scope.Metrics))
                {
                    received.Add(service, metric.Name);
                }
            }

            return Task.FromResult(new ExportMetricsServiceResponse());
        }
    }
}

/// <summary>A span that came.</summary>
internal sealed record ToldSpan(string Service, string Name, string TraceId, string ParentId, ulong From, ulong To, IReadOnlyDictionary<string, string> Tags, ImmutableArray<string> Links)
{
    public static ToldSpan Of(string service, Span span) => new(
        service,
        span.Name,
        Convert.ToHexStringLower(span.TraceId.Span),
        Convert.ToHexStringLower(span.ParentSpanId.Span),
        span.StartTimeUnixNano,
        span.EndTimeUnixNano,
        TextsOf(span.Attributes),
        [.. span.Links.Select(link => Convert.ToHexStringLower(link.TraceId.Span))]);

    public static Dictionary<string, string> TextsOf(RepeatedField<KeyValue> attributes) => attributes.ToDictionary(
        attribute => attribute.Key,
        attribute => attribute.Value.ValueCase == AnyValue.ValueOneofCase.IntValue ? $"{attribute.Value.IntValue}" : attribute.Value.StringValue);
}
