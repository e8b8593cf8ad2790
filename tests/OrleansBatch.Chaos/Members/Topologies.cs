using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Members;

/// <summary>Makes what the options ask for, as far as this machine lets it.</summary>
internal static class Topologies
{
    /// <exception cref="NotSupportedException">It cannot be made.</exception>
    public static async Task<(Topology Topology, IReadOnlyList<string> LeftOut)> MakeAsync(ChaosOptions options, Spawner spawner, RunFolder folder) => options switch
    {
        { Silos: 1, Agents: 0 } => (OneMachine.Make(spawner, folder.FullPath, options.MaxVcpus), ["all that needs a cluster: one silo with its own agent and database"]),
        { Silos: > 0, Agents: > 0 } => await new ManyMachines(options, spawner, folder).MakeAsync(),
        _ => throw new NotSupportedException($"{options.Silos} silos and {options.Agents} agents make no cluster."),
    };
}
