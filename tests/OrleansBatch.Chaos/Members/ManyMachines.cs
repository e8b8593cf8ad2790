using System.Globalization;
using System.Reflection;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Chaos.Network;
using OrleansBatch.Testing;

namespace OrleansBatch.Chaos.Members;

/// <summary>Silos, their database and agents, each as on a machine of its own: in network namespaces where root allows, else on loopback.</summary>
internal sealed class ManyMachines(ChaosOptions options, Spawner spawner, RunFolder folder)
{
    private const int DatabasePort = 5432;
    private const int HttpPort = 8000;
    private const int AgentPort = 8001;
    private const int SiloPort = 11111;
    private const int GatewayPort = 30000;

    private static readonly string AgentProgram = Path.GetFullPath(
        typeof(ManyMachines).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "AgentPath").Value!);

    private readonly Dictionary<string, string> _addresses = [];
    private readonly List<string> _leftOut = [];
    private Hub? _hub;

    /// <summary>Makes the topology; nothing runs yet. Says what is left out, and why.</summary>
    public async Task<(Topology, IReadOnlyList<string>)> MakeAsync()
    {
        string[] silos = [.. Enumerable.Range(1, options.Silos).Select(number => $"silo{number}")];
        string[] agents = [.. Enumerable.Range(1, options.Agents).Select(number => $"agent{number}")];
        var hasDatabase = options.Silos > 1;
        await ConnectAsync([.. hasDatabase ? [PostgresMember.Name] : Array.Empty<string>(), .. silos, .. agents]);
        var databasePort = Port(DatabasePort);
        var database = hasDatabase
            ? await PostgresMember.MakeAsync(spawner, folder.FullPath, _addresses[PostgresMember.Name], databasePort, Enter(PostgresMember.Name))
            : null;
        if (database is null)
        {
            _leftOut.Add("faults of the database: one silo has its own in its process");
        }

        using var authority = new PrivateAuthority(Path.Combine(folder.FullPath, "certificates"));
        var (programs, doors, gateways) = MakeSilos(silos, authority, database is null ? null : PostgresMember.ConnectionString(_addresses[PostgresMember.Name], databasePort));
        return (new()
        {
            Silos = programs,
            Doors = doors,
            Agents = [.. agents.Select(agent => MakeAgent(agent, authority, gateways))],
            Database = database,
            Hub = _hub,
            Lease = options.Lease,
            Loss = options.Lease + options.Grace + options.Margin,
            // A silo that is no part of a cluster runs jobs as well.
            Nodes = (database is null ? agents.Concat(silos) : agents).ToDictionary(node => node, Home),
            MaxVcpus = Environment.ProcessorCount * (options.Agents + (database is null ? options.Silos : 0)),
            VcpusOfNode = Environment.ProcessorCount,
            EnvironmentRequest = new { computeEnvironmentName = Topology.Environment, type = "UNMANAGED", unmanagedvCpus = Environment.ProcessorCount * options.Agents },
        }, _leftOut);
    }

    private async Task ConnectAsync(IReadOnlyList<string> members)
    {
        var (hub, why) = options.OnLoopback ? (null, "--loopback was asked for") : await Hub.CreateAsync(folder.Name);
        _hub = hub;
        if (hub is null)
        {
            _leftOut.Add($"partitions: {why}");
        }

        foreach (var member in members)
        {
            _addresses[member] = hub is null ? "127.0.0.1" : await hub.AddAsync(member);
            _ = Directory.CreateDirectory(Path.Combine(Home(member), "witness"));
        }
    }

    private (List<ChildProgram> Programs, List<Uri> Doors, List<Uri> Gateways) MakeSilos(string[] names, PrivateAuthority authority, string? database)
    {
        var environment = new Dictionary<string, string>(OneMachine.SiloEnvironment)
        {
            ["OrleansBatch__NodeGrace"] = options.Grace.ToString("c", CultureInfo.InvariantCulture),
            ["OrleansBatch__NodeMargin"] = options.Margin.ToString("c", CultureInfo.InvariantCulture),
        };
        var (programs, doors, gateways) = (new List<ChildProgram>(), new List<Uri>(), new List<Uri>());
        foreach (var name in names)
        {
            var address = _addresses[name];
            var (http, agents) = (Port(HttpPort), Port(AgentPort));
            var door = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{address}:{http}"));
            doors.Add(door);
            gateways.Add(new(string.Create(CultureInfo.InvariantCulture, $"https://{address}:{agents}")));
            programs.Add(new(
                spawner, name, Path.Combine(Home(name), "log"), environment,
                [
                    .. Enter(name), "dotnet", SiloProcess.ProgramPath, "--data", Path.Combine(Home(name), "data"), "--bare",
                    .. _hub is null ? Array.Empty<string>() : ["--listen", address], "--port", $"{http}", "--agent-port", $"{agents}", "--gateway-port", $"{Port(GatewayPort)}",
                    .. database is null ? Array.Empty<string>()
                        : ["--database", database, "--cluster-id", $"chaos-{folder.Name}", "--address", address, "--silo-port", $"{Port(SiloPort)}"],
                    .. authority.Arguments(name, "silo", address),
                ],
                () => Ready.IsAsync(door)));
        }

        return (programs, doors, gateways);
    }

    private ChildProgram MakeAgent(string name, PrivateAuthority authority, IReadOnlyList<Uri> gateways)
    {
        var log = Path.Combine(Home(name), "log");
        return new(
            spawner, name, log, OneMachine.SiloEnvironment,
            [
                .. Enter(name), "dotnet", AgentProgram, "--data", Path.Combine(Home(name), "data"), "--join", Topology.Environment, "--join", Topology.NodesEnvironment,
                "--lease", options.Lease.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                "--stop-within", options.Grace.TotalSeconds.ToString(CultureInfo.InvariantCulture),
                .. gateways.SelectMany(gateway => new[] { "--silo", gateway.GetLeftPart(UriPartial.Authority) }),
                .. authority.Arguments(NodeId(name), "node", _addresses[name]),
            ],
            // Its connection to a silo is seen by its jobs; that it has a supervisor shows that it is up.
            () => Task.FromResult(Proc.Of(Home(name), "OrleansBatch.Supervisor").Count > 0));
    }

    /// <summary>An agent speaks for the one node that its certificate names.</summary>
    private static string NodeId(string agent) => string.Create(CultureInfo.InvariantCulture, $"i-{int.Parse(agent["agent".Length..], CultureInfo.InvariantCulture):x17}");

    private IEnumerable<string> Enter(string member) => _hub?.Enter(member) ?? [];

    /// <summary>In a namespace of its own each member has all ports; on loopback it gets one that nobody has.</summary>
    private int Port(int usual) => _hub is null ? OneMachine.FreePort() : usual;

    private string Home(string member) => Path.Combine(folder.FullPath, member);
}
