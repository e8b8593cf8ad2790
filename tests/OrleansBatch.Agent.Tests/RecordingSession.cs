using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests;

/// <summary>Hears an agent: keeps every report, and can refuse to settle any.</summary>
internal sealed class RecordingSession : INodeSession
{
    private readonly Lock _gate = new();
    private readonly List<AttemptReport> _reports = [];
    private readonly List<AgentHello> _hellos = [];

    /// <summary>While true, every report is answered with an error, but seen all the same.</summary>
    public bool IsAway { get; set; }

    /// <summary>Called with each hello.</summary>
    public Action<AgentHello>? OnHello { get; init; }

    public IReadOnlyList<AttemptReport> Reports
    {
        get
        {
            lock (_gate)
            {
                return [.. _reports];
            }
        }
    }

    public IReadOnlyList<AgentHello> Hellos
    {
        get
        {
            lock (_gate)
            {
                return [.. _hellos];
            }
        }
    }

    public Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _hellos.Add(hello);
            OnHello?.Invoke(hello);
        }

        return Task.CompletedTask;
    }

    public Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _reports.AddRange(reports);
        }

        return IsAway
            ? Task.FromException<ImmutableArray<AttemptId>>(new IOException("The database is away."))
            : Task.FromResult<ImmutableArray<AttemptId>>([.. reports.Select(report => report.Attempt).Where(attempt => attempt.JobId != Unsettled)]);
    }

    /// <summary>A job whose reports are never settled.</summary>
    public string? Unsettled { get; set; }

    /// <summary>Waits for a report about an attempt.</summary>
    public async Task<AttemptReport> Heard(AttemptId attempt, Func<AttemptReport, bool> wanted)
    {
        AttemptReport? found = null;
        await Eventually.True(
            () => (found = Reports.FirstOrDefault(report => report.Attempt == attempt && wanted(report))) is not null,
            TimeProvider.System,
            $"a report of {attempt}; heard {string.Join("; ", Reports.Where(report => report.Attempt == attempt))}");
        return found!;
    }

    public Task<AttemptReport> Ended(AttemptId attempt) => Heard(attempt, report => report.Outcome != AttemptOutcome.Started);

    public Task<AttemptReport> Started(AttemptId attempt) => Heard(attempt, report => report.Outcome == AttemptOutcome.Started);
}
