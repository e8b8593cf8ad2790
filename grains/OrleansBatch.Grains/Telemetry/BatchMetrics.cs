using System.Diagnostics.Metrics;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Telemetry;

/// <summary>What can be measured of the scheduler. Names and units are those of OpenTelemetry.</summary>
public sealed class BatchMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "OrleansBatch";

    /// <summary>From a start in milliseconds to a job of a day.</summary>
    private static readonly double[] Boundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400, 86_400];

    private readonly Counter<long> _submitted;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _ended;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _start;
    private readonly Histogram<double> _run;
    private readonly Histogram<double> _commit;

    /// <summary>Makes the instruments.</summary>
    public BatchMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _submitted = meter.CreateCounter<long>("orleansbatch.jobs.submitted", "{job}", "Jobs accepted; an array or a multi-node job is one.");
        _attempts = meter.CreateCounter<long>("orleansbatch.attempts.ended", "{attempt}", "Attempts that are over, by their outcome.");
        _ended = meter.CreateCounter<long>("orleansbatch.jobs.ended", "{job}", "Jobs that have ended, by status.");
        _wait = Seconds(meter, "orleansbatch.job.wait.duration", "From SubmitJob, or from the attempt before, until a job is placed.");
        _start = Seconds(meter, "orleansbatch.attempt.start.duration", "From the placement of an attempt until it runs.");
        _run = Seconds(meter, "orleansbatch.attempt.run.duration", "How long attempts ran.");
        _commit = Seconds(meter, "orleansbatch.store.step.duration", "From a step's decision until it is durable.");
    }

    private static Histogram<double> Seconds(Meter meter, string name, string description) =>
        meter.CreateHistogram(name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Boundaries });

    /// <summary>A job was accepted.</summary>
    public void Submitted(string queue) => _submitted.Add(1, new KeyValuePair<string, object?>("queue", queue));

    /// <summary>A job was placed after this time.</summary>
    public void Placed(string queue, TimeSpan waited) => _wait.Record(waited.TotalSeconds, new KeyValuePair<string, object?>("queue", queue));

    /// <summary>An attempt reached RUNNING this long after its placement.</summary>
    public void Started(string queue, TimeSpan took) => _start.Record(took.TotalSeconds, new KeyValuePair<string, object?>("queue", queue));

    /// <summary>An attempt is over.</summary>
    /// <param name="queue">Its queue.</param>
    /// <param name="attempt">The attempt.</param>
    public void AttemptEnded(string queue, JobAttempt attempt)
    {
        var outcome = attempt.ExitCode switch { 0 => "succeeded", null => "none", _ => "failed" };
        _attempts.Add(1, new("queue", queue), new("outcome", outcome));
        if (attempt.StartedAt is { } started)
        {
            _run.Record((attempt.StoppedAt - started).TotalSeconds, new("queue", queue), new("outcome", outcome));
        }
    }

    /// <summary>A job has ended.</summary>
    public void Ended(string queue, JobStatus status) => _ended.Add(1, new("queue", queue), new("status", status.ToWire()));

    /// <summary>A step became durable after this time.</summary>
    public void Committed(TimeSpan took) => _commit.Record(took.TotalSeconds);
}
