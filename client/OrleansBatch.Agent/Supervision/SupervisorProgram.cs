using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Supervision;

/// <summary>Starts a supervisor, and connects to one.</summary>
internal sealed class SupervisorProgram(AgentOptions options, string agentDirectory, string nodeId)
{
    private const string LockName = "supervisor.lock";
    private const string SocketName = "supervisor.sock";
    private const string LogName = "supervisor.log";

    private readonly string _copy = SupervisorCopy.Make(options.SupervisorPath, agentDirectory);

    /// <summary>Whether a supervisor that knows no lease is of no use.</summary>
    public bool NeedsLease => options.Lease is not null;

    /// <summary>Whether a supervisor runs from another version's copy.</summary>
    public bool IsOther(string? directory) =>
        directory is not null && Path.TrimEndingDirectorySeparator(directory) != Path.GetDirectoryName(_copy);

    /// <summary>Connects to the supervisor of this data folder.</summary>
    /// <returns>Null when nobody listens.</returns>
    public System.Net.Sockets.Socket? TryConnect()
    {
        try
        {
            return LocalSocket.Connect(agentDirectory, SocketName);
        }
        catch (System.Net.Sockets.SocketException)
        {
            return null;
        }
    }

    /// <summary>Starts a supervisor, if none lives. It listens from the first moment.</summary>
    /// <returns>Its process id; null when another one lives.</returns>
    /// <exception cref="IOException">It cannot be started.</exception>
    public int? TryStart()
    {
        using var held = KernelLock.TryTake(Path.Combine(agentDirectory, LockName));
        if (held is null)
        {
            return null;
        }

        SupervisorCopy.RemoveOthers(agentDirectory, _copy);
        using var listener = LocalSocket.Listen(agentDirectory, SocketName);
        var command = Command();
        using var launcher = new ProcessLauncher();
        var start = new ProcessStart
        {
            Path = command[0],
            Arguments = command,
            Environment = Variables(),
            WorkingDirectory = agentDirectory,
            OutputPath = Path.Combine(agentDirectory, LogName),
            Inherited = [held.Number, listener.Number],
        };
        var error = launcher.Start(start, out var pid);

        // Lock and socket live on in the supervisor when they are closed here.
        return error.IsNone ? pid : throw error.ToException(command[0]);
    }

    private string[] Command()
    {
        var idle = ((long)options.SupervisorIdle.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["--directory", agentDirectory, "--idle-seconds", idle, "--cgroup", GroupName];
        return _copy.EndsWith(".dll", StringComparison.Ordinal) ? [DotnetHost(), _copy, .. arguments] : [_copy, .. arguments];
    }

    /// <summary>Of this node in this folder: nodes of two clusters may have the same id, and none may clear up what the other runs.</summary>
    private string GroupName => $"orleansbatch-{nodeId}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(agentDirectory)).AsSpan(0, 4))}";

    private static string DotnetHost()
    {
        // The runtime lies in <root>/shared/Microsoft.NETCore.App/<version>.
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location) ?? "";
        var host = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "dotnet"));
        return File.Exists(host) ? host : ProgramSearch.Candidates("dotnet", []).FirstOrDefault() ?? "dotnet";
    }

    private static List<string> Variables()
    {
        // No diagnostics port: it would be one more socket and thread, and lie in /tmp for years.
        List<string> variables = ["DOTNET_EnableDiagnostics=0", "LANG=C.UTF-8", $"PATH={ProgramSearch.DefaultPath}"];
#if PLANTED_BUGS
        variables.Add($"ORLEANSBATCH_PLANTED_BUG={Environment.GetEnvironmentVariable("ORLEANSBATCH_PLANTED_BUG")}");
#endif
        foreach (var name in (string[])["DOTNET_ROOT", "HOME", "TMPDIR"])
        {
            if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } value)
            {
                variables.Add($"{name}={value}");
            }
        }

        return variables;
    }
}
