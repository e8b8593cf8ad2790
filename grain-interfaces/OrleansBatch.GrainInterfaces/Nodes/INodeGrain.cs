using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.GrainInterfaces.Nodes;

/// <summary>One agent's session. Key: the node id. Decides nothing about a job.</summary>
[Alias("OrleansBatch.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>The agent introduces itself: what its node should be running is compared with what it has.</summary>
    [Alias("Connect")]
    Task Connect(AgentHello hello, CancellationToken cancellationToken);

    /// <summary>Starts attempts.</summary>
    [Alias("Launch")]
    Task Launch(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken);

    /// <summary>Stops attempts.</summary>
    [Alias("Stop")]
    Task Stop(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken);

    /// <summary>Takes what became of attempts to their jobs, frees capacity, puts jobs to be tried again into their queues.</summary>
    /// <returns>The attempts whose reports are settled: their jobs' rows are stored. The agent repeats the others.</returns>
    [Alias("Report")]
    Task<ImmutableArray<AttemptId>> Report(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken);

    /// <summary>Launches and stops again what should have been by now. Safe to repeat.</summary>
    [Alias("Settle")]
    Task Settle(CancellationToken cancellationToken);
}
