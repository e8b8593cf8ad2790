namespace OrleansBatch.Simulation.Actors;

/// <summary>What production catches because it happens: everything else is a mistake, of the rules or of the simulation.</summary>
internal static class Trouble
{
    public static bool Is(Exception exception) => exception is LostException or AgentAwayException;
}

/// <summary>No agent of the node is connected now, or it went while it had an order. The order is kept by its rows and given again.</summary>
internal sealed class AgentAwayException(string nodeId) : Exception($"The agent of node {nodeId} is not connected.");
