using System.Collections.Immutable;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Telemetry;

/// <summary>A session whose acknowledged reports are told to the traces of their jobs.</summary>
internal sealed class TracedSession(INodeSession session, AttemptTraces traces) : INodeSession
{
    /// <inheritdoc/>
    public Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken) => session.ConnectAsync(hello, cancellationToken);

    /// <inheritdoc/>
    public Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
        JobTraces.IsOn ? TraceAsync(reports, cancellationToken) : session.ReportAsync(reports, cancellationToken);

    private async Task<ImmutableArray<AttemptId>> TraceAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken)
    {
        var settled = await session.ReportAsync(reports, cancellationToken);
        var isSettled = settled.ToHashSet();
        foreach (var report in reports)
        {
            if (isSettled.Contains(report.Attempt))
            {
                traces.Acknowledged(report);
            }
        }

        return settled;
    }
}
