using System.Collections.Immutable;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.GrainInterfaces.Nodes;

/// <summary>One node: its agent's session, its lease, its loss. Key: the node id. Decides nothing about a job.</summary>
[Alias("OrleansBatch.INodeGrain")]
public interface INodeGrain : IGrainWithStringKey
{
    /// <summary>The agent introduces itself: what its node should be running is compared with what it has. The newest connection is the one that orders go over.</summary>
    [Alias("Connect")]
    Task<NodeWelcome> Connect(AgentHello hello, INodeConnection connection, CancellationToken cancellationToken);

    /// <summary>Renews the lease, by a guarded write of the node's row. Of an agent without a lease: asks whether it is known.</summary>
    /// <exception cref="Exception">Any: not renewed, as far as anybody knows. The agent tries again.</exception>
    [Alias("Renew")]
    Task<NodeRenewal> Renew(string incarnation, CancellationToken cancellationToken);

    /// <summary>The agent leaves: nothing new comes to its node. What runs there goes on until its end, or that of the lease. Safe to repeat.</summary>
    /// <exception cref="NodeLostException">The incarnation is lost.</exception>
    [Alias("Leave")]
    Task Leave(string incarnation, CancellationToken cancellationToken);

    /// <summary>Takes what became of attempts to their jobs, frees capacity, puts jobs to be tried again into their queues.</summary>
    /// <returns>The attempts whose reports are settled: their jobs' rows are stored. The agent repeats the others.</returns>
    /// <exception cref="NodeLostException">The incarnation is lost: nothing of it is taken any more.</exception>
    [Alias("Report")]
    Task<ImmutableArray<AttemptId>> Report(string incarnation, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken);

    /// <summary>The same, of attempts that no agent has any more.</summary>
    [Alias("ReportLost")]
    Task<ImmutableArray<AttemptId>> ReportLost(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken);

    /// <summary>Starts attempts. Those that the agent does not confirm now are given again.</summary>
    [Alias("Launch")]
    Task Launch(ImmutableArray<LaunchOrder> orders, CancellationToken cancellationToken);

    /// <summary>Stops attempts. Those that the agent does not confirm now are given again.</summary>
    [Alias("Stop")]
    Task Stop(ImmutableArray<StopOrder> orders, CancellationToken cancellationToken);

    /// <summary>Reads a page of a log that the node has; null when its agent cannot be asked now.</summary>
    [Alias("ReadLog")]
    Task<LogPage?> ReadLog(LogQuery query, CancellationToken cancellationToken);

    /// <summary>Keeps parts of the logs of attempts that ran on the node, for when it is gone. Safe to repeat.</summary>
    /// <param name="session">As in the welcome.</param>
    /// <param name="chunks">Of logs of this node; one of another's is refused.</param>
    /// <param name="cancellationToken">The agent's.</param>
    /// <exception cref="StaleSessionException">Another session has followed, or this one is not known.</exception>
    [Alias("KeepLogs")]
    Task<LogsKept> KeepLogs(long session, ImmutableArray<LogChunk> chunks, CancellationToken cancellationToken);

    /// <summary>Launches and stops again what should have been by now, and watches the lease. Safe to repeat.</summary>
    [Alias("Settle")]
    Task Settle(CancellationToken cancellationToken);
}
