namespace OrleansBatch.Chaos.Members;

/// <summary>What a run is made of.</summary>
internal sealed class Topology
{
    /// <summary>Where single jobs and arrays go: environment, queue and definition are named so.</summary>
    public const string Environment = "chaos";

    /// <summary>Where multi-node jobs go, a managed one: environment, queue, and the beginning of the definitions, one for each number of nodes.</summary>
    public const string NodesEnvironment = "chaos-nodes";

    /// <summary>vCPUs of the environment of multi-node jobs.</summary>
    public const int NodesVcpus = 8;

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

    /// <summary>What the environment of single jobs is asked for: the request of CreateComputeEnvironment.</summary>
    public required object EnvironmentRequest { get; init; }

    /// <summary>vCPUs that all single jobs and arrays together may have.</summary>
    public required double MaxVcpus { get; init; }

    /// <summary>vCPUs of each node for them; null: only the whole counts.</summary>
    public double? VcpusOfNode { get; init; }

    /// <summary>The network; null: all on loopback.</summary>
    public Network.Hub? Hub { get; init; }

    /// <summary>How long an agent may go unheard; null: agents are parts of silos.</summary>
    public TimeSpan? Lease { get; init; }

    /// <summary>After how long unheard an agent's node is declared lost: lease, grace and margin; null: never.</summary>
    public TimeSpan? Loss { get; init; }

    /// <summary>The request of CreateComputeEnvironment for a managed one.</summary>
    public static object Managed(string name, int maxVcpus) => new
    {
        computeEnvironmentName = name,
        type = "MANAGED",
        computeResources = new
        {
            type = "EC2",
            allocationStrategy = "BEST_FIT",
            minvCpus = 0,
            maxvCpus = maxVcpus,
            instanceTypes = new[] { "default_arm64" },
            instanceRole = "ecsInstanceRole",
            subnets = new[] { "subnet-1" },
            securityGroupIds = new[] { "sg-1" },
        },
    };

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
