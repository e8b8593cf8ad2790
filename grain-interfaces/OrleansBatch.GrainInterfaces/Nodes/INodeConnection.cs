using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.GrainInterfaces.Nodes;

/// <summary>The way to one agent: lives in the silo where the agent's stream ends, for as long as that.</summary>
/// <remarks>
/// Orders may come several at a time, twice, and in another order than they were sent: an agent starts a fence once, and a stop that overtakes its launch is a refusal.
/// Whoever makes one keeps a reference to it: Orleans does not.
/// </remarks>
[Alias("OrleansBatch.INodeConnection")]
public interface INodeConnection : IGrainObserver
{
    /// <summary>Starts attempts.</summary>
    /// <param name="session">The session as in the welcome, which may come after this.</param>
    /// <param name="orders">What to start.</param>
    /// <returns>Completes when the agent's supervisor has journalled them.</returns>
    /// <exception cref="StaleSessionException">The agent has seen a newer session.</exception>
    [Alias("Launch"), AlwaysInterleave]
    Task Launch(long session, ImmutableArray<LaunchOrder> orders);

    /// <summary>Stops attempts.</summary>
    /// <param name="session">As in <see cref="Launch"/>.</param>
    /// <param name="orders">What to stop.</param>
    /// <returns>Completes when the agent's supervisor has begun, or has journalled that what it does not know must never be started.</returns>
    /// <exception cref="StaleSessionException">The agent has seen a newer session.</exception>
    [Alias("Stop"), AlwaysInterleave]
    Task Stop(long session, ImmutableArray<StopOrder> orders);

    /// <summary>Reads a page of a log.</summary>
    [Alias("ReadLog"), AlwaysInterleave]
    Task<LogPage> ReadLog(LogQuery query);

    /// <summary>Ends the stream: a newer connection took over, or the node is lost. The agent says hello again over another.</summary>
    [Alias("Close"), AlwaysInterleave]
    Task Close(string reason);
}
