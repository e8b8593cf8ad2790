using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent;

/// <summary>The other end of an agent: whoever gives it orders and hears its reports.</summary>
public interface INodeSession
{
    /// <summary>The agent introduces itself; also again, if its incarnation changes while it runs.</summary>
    /// <exception cref="Exception">Any: the agent tries again later.</exception>
    Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken);

    /// <summary>Reports facts.</summary>
    /// <returns>The attempts whose facts are settled: their jobs' rows are stored. The agent reports the others again.</returns>
    /// <param name="reports">One per attempt at most; an end carries its start.</param>
    /// <param name="cancellationToken">The agent is leaving.</param>
    /// <exception cref="Exception">Any, when unsure: the agent reports them again.</exception>
    Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken);
}
