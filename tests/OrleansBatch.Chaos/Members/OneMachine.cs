using System.Globalization;
using System.Net;
using System.Net.Sockets;
using OrleansBatch.Chaos.Machine;
using OrleansBatch.Testing;

namespace OrleansBatch.Chaos.Members;

/// <summary>The scheduler as one program with its agent in it, on SQLite: what there is without a cluster.</summary>
internal static class OneMachine
{
    private const string Name = "silo1";

    /// <summary>Makes the topology; nothing runs yet.</summary>
    public static Topology Make(Spawner spawner, string folder, int maxVcpus)
    {
        var home = Path.Combine(folder, Name);
        _ = Directory.CreateDirectory(Path.Combine(home, "witness"));
        var port = FreePort();
        var door = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));
        var silo = new ChildProgram(
            spawner, Name, Path.Combine(home, "log"), SiloEnvironment,
            ["dotnet", SiloProcess.ProgramPath, "--data", Path.Combine(home, "data"), "--port", $"{port}", "--gateway-port", "0", "--bare"],
            () => Ready.IsAsync(door));
        return new()
        {
            Silos = [silo],
            Doors = [door],
            Nodes = new Dictionary<string, string> { [Name] = home },
            MaxVcpus = maxVcpus,
            EnvironmentRequest = Topology.Managed(Topology.Environment, maxVcpus),
        };
    }

    /// <summary>Environment variables of a silo.</summary>
    public static IReadOnlyDictionary<string, string> SiloEnvironment { get; } = new Dictionary<string, string> { ["DOTNET_NOLOGO"] = "1", ["NO_COLOR"] = "1" };

    /// <summary>A port of loopback that nobody has just now.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Whether a silo takes requests.</summary>
internal static class Ready
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };

    public static async Task<bool> IsAsync(Uri door)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(door, "/readyz"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }
}
