namespace OrleansBatch.Chaos.Members;

/// <summary>What a run is made of.</summary>
internal sealed class Topology
{
    /// <summary>Environment, queue and definitions are named so.</summary>
    public const string Environment = "chaos";

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    /// <summary>The silos.</summary>
    public required IReadOnlyList<ChildProgram> Silos { get; init; }

    /// <summary>Where their HTTP is, in the same order.</summary>
    public required IReadOnlyList<Uri> Doors { get; init; }

    /// <summary>Agents that are programs of their own.</summary>
    public IReadOnlyList<ChildProgram> Agents { get; init; } = [];

    /// <summary>The database that is a program of its own.</summary>
    public ChildProgram? Database { get; init; }

    /// <summary>Folder of each machine on which jobs run, by the name of its node.</summary>
    public required IReadOnlyDictionary<string, string> Nodes { get; init; }

    /// <summary>What the environment is asked for: the members of CreateComputeEnvironment but its name.</summary>
    public required object EnvironmentRequest { get; init; }

    /// <summary>vCPUs that all jobs together may have.</summary>
    public required double MaxVcpus { get; init; }

    /// <summary>vCPUs of each node; null: only the whole counts.</summary>
    public double? VcpusOfNode { get; init; }

    /// <summary>The network; null: all on loopback.</summary>
    public Network.Hub? Hub { get; init; }

    /// <summary>How long an agent may go unheard; null: agents are parts of silos.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>After how long unheard an agent's node is declared lost: lease, grace and margin; null: never.</summary>
    public TimeSpan? Loss { get; init; }

    /// <summary>Starts all, in the order in which they need each other.</summary>
    public async Task StartAsync()
    {
        if (Database is { } database)
        {
            database.Start();
            await database.ReadyAsync();
        }

        foreach (var program in Silos.Concat(Agents))
        {
            program.Start();
        }

        foreach (var program in Silos.Concat(Agents))
        {
            await program.ReadyAsync();
        }
    }

    /// <summary>Starts again what has ended although nobody has ended it, until told to stop.</summary>
    public async Task KeepUpAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var program in Programs)
            {
                program.Revive();
            }

            await Task.Delay(BetweenLooks, CancellationToken.None);
        }
    }

    /// <summary>All programs.</summary>
    public IEnumerable<ChildProgram> Programs => [.. Database is { } database ? [database] : Array.Empty<ChildProgram>(), .. Silos, .. Agents];
}
