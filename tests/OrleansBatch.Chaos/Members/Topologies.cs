using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Members;

/// <summary>Makes what the options ask for, as far as this machine lets it.</summary>
internal static class Topologies
{
    /// <exception cref="NotSupportedException">It cannot be made.</exception>
    public static Task<(Topology Topology, IReadOnlyList<string> LeftOut)> MakeAsync(ChaosOptions options, Spawner spawner, RunFolder folder)
    {
        if (options is { Silos: 1, Agents: 0 })
        {
            return Task.FromResult<(Topology, IReadOnlyList<string>)>((OneMachine.Make(spawner, folder.FullPath, options.MaxVcpus), ["all that needs a cluster: one silo with its own agent"]));
        }

        throw new NotSupportedException("A cluster has 1 silo or more and 1 agent or more.");
    }
}
