using System.Collections.Concurrent;
using System.Diagnostics;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Agent.Tests.Telemetry;

/// <summary>Listens for one job's spans: others may be told meanwhile.</summary>
internal sealed class SpanListener : IDisposable
{
    private readonly ConcurrentQueue<Activity> _spans = [];
    private readonly ActivityListener _listener;

    public SpanListener()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name == JobTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                if (JobId.Equals(span.GetTagItem("orleansbatch.job.id")))
                {
                    _spans.Enqueue(span);
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The job.</summary>
    public string JobId { get; } = Guid.CreateVersion7().ToString();

    /// <summary>Its spans so far.</summary>
    public Activity[] Spans => [.. _spans];

    public Activity[] Named(string name) => [.. _spans.Where(span => span.OperationName == name)];

    public void Dispose() => _listener.Dispose();
}
