using OrleansBatch.Grains.Nodes;

namespace OrleansBatch.Simulation.Actors;

/// <summary>What production catches because it happens: everything else is a mistake, of the rules or of the simulation.</summary>
internal static class Trouble
{
    public static bool Is(Exception exception) => exception is LostException or AgentAwayException;
}
