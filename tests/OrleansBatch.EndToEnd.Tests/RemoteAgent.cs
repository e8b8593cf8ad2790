using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using OrleansBatch.Certificates;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>A node of its own: the agent's program on a data folder that outlives it, and the port of a scheduler that it goes to, with mutual TLS.</summary>
internal sealed class RemoteAgent : IAsyncDisposable
{
    public const string Pool = "elsewhere";
    public const string NodeId = "i-0123456789abcdef0";

    private static readonly string AgentPath =
        typeof(RemoteAgent).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "AgentPath").Value!;

    private readonly Papers _papers = new();
    private readonly string _data = Directory.CreateTempSubdirectory("orleansbatch-agent-").FullName;
    private readonly int _port = FreePort();
    private Process? _program;

    /// <summary>What the scheduler is started with.</summary>
    public string[] SchedulersOptions
    {
        get
        {
            var (certificate, key) = _papers.FilesOf(Role.Silo, "silo", "localhost");
            return ["--agent-port", _port.ToString(CultureInfo.InvariantCulture), "--ca", _papers.Authority, "--certificate", certificate, "--key", key];
        }
    }

    public void Start(double lease, IReadOnlyDictionary<string, string>? settings = null)
    {
        var (certificate, key) = _papers.FilesOf(Role.Node, NodeId);
        string[] arguments =
        [
            AgentPath, "--data", _data, "--silo", $"https://localhost:{_port}", "--join", Pool, "--ca", _papers.Authority, "--certificate", certificate, "--key", key,
            "--lease", lease.ToString(CultureInfo.InvariantCulture), "--stop-within", "1",
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        _program = Process.Start(start)!;
        _program.OutputDataReceived += (_, _) => { };
        _program.ErrorDataReceived += (_, _) => { };
        _program.BeginOutputReadLine();
        _program.BeginErrorReadLine();
    }

    /// <summary>An environment that only it serves, a queue and a definition whose jobs run a shell script given as parameter.</summary>
    public static async Task SetUpPoolAsync(Scheduler scheduler)
    {
        _ = await scheduler.Client.CallAsync("CreateComputeEnvironment", new
        {
            computeEnvironmentName = Scheduler.Name,
            type = "UNMANAGED",
            tags = new Dictionary<string, string> { ["orleansbatch:pool"] = Pool },
        });
        _ = await scheduler.Client.CallAsync("CreateJobQueue", new
        {
            jobQueueName = Scheduler.Name,
            priority = 1,
            computeEnvironmentOrder = new[] { new { order = 1, computeEnvironment = Scheduler.Name } },
        });
        _ = await scheduler.Client.CallAsync("RegisterJobDefinition", new
        {
            jobDefinitionName = Scheduler.Name,
            type = "container",
            containerProperties = new
            {
                image = "host",
                command = new[] { "/bin/sh", "-c", "Ref::script" },
                resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } },
            },
        });
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task KillAsync()
    {
        _program!.Kill();
        await _program.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_program is { HasExited: false })
        {
            await KillAsync();
        }

        _program?.Dispose();
        if (Supervisors.TryFind(_data) is { } supervisor)
        {
            Supervisors.KillOf(_data);
            await Eventually.True(() => !Supervisors.IsAlive(supervisor));
        }

        _papers.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
