using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent;

/// <summary>The one loop that reports: takes all that is due as a batch, and repeats it until the session has settled it.</summary>
internal sealed partial class ReportLoop(
    INodeSession session,
    AgentOptions options,
    TimeProvider time,
    ILogger logger,
    Action<IReadOnlyList<AttemptId>> settled)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _greeted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OrderedDictionary<AttemptId, AttemptReport> _reports = [];
    private Func<AgentHello>? _hello;
    private TaskCompletionSource? _sleep;
    private bool _isHeld;

    /// <summary>Completes when the session has taken the first hello.</summary>
    public Task Greeted => _greeted.Task;

    /// <summary>Says hello before anything else is reported.</summary>
    /// <param name="hello">Made anew for each try: what an earlier one said may not be so any more.</param>
    public void Greet(Func<AgentHello> hello)
    {
        lock (_gate)
        {
            _hello = hello;
            _isHeld = false;
            WakeUp();
        }
    }

    /// <summary>Reports nothing until the next hello: this incarnation has nobody to talk to any more.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            _hello = null;
            _isHeld = true;
        }
    }

    /// <summary>Reports these soon. A start and an end of one attempt become one report: an end says when it began.</summary>
    public void Add(IEnumerable<AttemptReport> reports)
    {
        lock (_gate)
        {
            foreach (var report in reports)
            {
                if (report.Outcome != AttemptOutcome.Started || !_reports.ContainsKey(report.Attempt))
                {
                    _reports[report.Attempt] = report;
                }
            }

            if (_reports.Count > 0)
            {
                WakeUp();
            }
        }
    }

    /// <summary>Works until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var delay = options.FirstRetry;
        while (!cancellationToken.IsCancellationRequested)
        {
            await WhenDue().WaitAsync(cancellationToken);
            var (hello, batch) = Take();

            try
            {
                if (hello is not null)
                {
                    await session.ConnectAsync(hello(), cancellationToken);
                    hello = null;
                    _greeted.TrySetResult();
                }

                if (!batch.IsEmpty)
                {
                    batch = Settle(batch, (await session.ReportAsync(batch, cancellationToken)).ToHashSet());
                    if (!batch.IsEmpty)
                    {
                        throw new NotSettledException(batch[0].Attempt);
                    }
                }

                delay = options.FirstRetry;
            }
            catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
            {
                // Unsure means again, whatever it was: everything here is safe to repeat.
                SayNotReported(problem, batch.Length, delay);
                PutBack(hello, batch);
                // Not all agents of a cluster at once.
                await Task.Delay(delay * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
                delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, options.LongestRetry.Ticks));
            }
        }
    }

    /// <summary>Forgets what is settled; gives what is not, which holds up nothing else.</summary>
    private ImmutableArray<AttemptReport> Settle(ImmutableArray<AttemptReport> batch, HashSet<AttemptId> isSettled)
    {
        settled([.. batch.Where(report => report.Outcome != AttemptOutcome.Started && isSettled.Contains(report.Attempt)).Select(report => report.Attempt)]);
        return batch.RemoveAll(report => isSettled.Contains(report.Attempt));
    }

    private (Func<AgentHello>? Hello, ImmutableArray<AttemptReport> Batch) Take()
    {
        lock (_gate)
        {
            var hello = _hello;
            _hello = null;
            if (_reports.Count <= options.ReportsPerBatch)
            {
                var all = _reports;
                _reports = [];
                return (hello, [.. all.Values]);
            }

            var builder = ImmutableArray.CreateBuilder<AttemptReport>(options.ReportsPerBatch);
            var rest = new OrderedDictionary<AttemptId, AttemptReport>(_reports.Count);
            foreach (var (attempt, report) in _reports)
            {
                if (builder.Count < options.ReportsPerBatch)
                {
                    builder.Add(report);
                }
                else
                {
                    rest.Add(attempt, report);
                }
            }

            _reports = rest;
            return (hello, builder.MoveToImmutable());
        }
    }

    private void PutBack(Func<AgentHello>? hello, ImmutableArray<AttemptReport> batch)
    {
        lock (_gate)
        {
            _hello ??= _isHeld ? null : hello;
            var later = _reports;
            _reports = new(batch.Select(report => KeyValuePair.Create(report.Attempt, report)));
            foreach (var (attempt, report) in later)
            {
                // What came meanwhile is newer, but a start never replaces an end.
                if (report.Outcome != AttemptOutcome.Started || !_reports.ContainsKey(attempt))
                {
                    _reports[attempt] = report;
                }
            }
        }
    }

    private Task WhenDue()
    {
        lock (_gate)
        {
            if (_hello is not null || (_reports.Count > 0 && !_isHeld))
            {
                return Task.CompletedTask;
            }

            _sleep = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _sleep.Task;
        }
    }

    private void SayNotReported(Exception problem, int count, TimeSpan delay)
    {
        if (problem is IOException or NodeRefusedException)
        {
            // The other side is not there, or does not want it: nobody needs to know from where that was thrown.
            LogNotTaken(count, problem.Message, delay);
        }
        else
        {
            LogNotReported(problem, count, delay);
        }
    }

    private void WakeUp()
    {
        _sleep?.TrySetResult();
        _sleep = null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Hello or {Count} reports were not taken: {Reason} Repeated in about {Delay}")]
    private partial void LogNotTaken(int count, string reason, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} reports were not taken; they are repeated in {Delay}")]
    private partial void LogNotReported(Exception problem, int count, TimeSpan delay);
}

/// <summary>Some of a batch's reports were not settled.</summary>
internal sealed class NotSettledException(AttemptId first) : Exception($"{first} and perhaps others could not be settled yet.");
