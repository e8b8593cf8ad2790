using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace OrleansBatch.Testing;

/// <summary>The scheduler as a user starts it: a process of its own, on a data folder, on a free port.</summary>
public sealed class SiloProcess : IAsyncDisposable
{
    private const string ReadyMark = "OrleansBatch is ready: ";
    private const string GatewayMark = "Gateway for orleansbatch --gateway: ";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource<Uri> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly TaskCompletionSource<string> _gateway = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SiloProcess(Process process) => _process = process;

    /// <summary>The built program.</summary>
    public static string ProgramPath { get; } = Path.GetFullPath(
        typeof(SiloProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "SiloPath").Value!);

    /// <summary>Its process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Its exit code, once it has ended.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>Ends when it has ended.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>Where it listens.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Where its Orleans gateway listens: <c>host:port</c>.</summary>
    public string Gateway { get; private set; } = null!;

    /// <summary>What it has printed so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>What it printed, with the line breaks of a narrow terminal taken out.</summary>
    public string WholeOutput => string.Join(' ', Output.Split(['\r', '\n', ' '], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Starts it and waits until it is ready.</summary>
    /// <exception cref="SiloEndedException">It ended instead.</exception>
    public static async Task<SiloProcess> StartAsync(string data, IReadOnlyDictionary<string, string>? settings = null, params string[] arguments)
    {
        var silo = Launch(["--data", data, "--port", "0", "--gateway-port", "0", .. arguments], settings);
        var ended = silo.Exited;
        var ready = Task.WhenAll(silo._ready.Task, silo._gateway.Task);
        if (await Task.WhenAny(ready, ended).WaitAsync(Patience) == ended)
        {
            throw new SiloEndedException(silo.ExitCode, silo.Output);
        }

        silo.Endpoint = await silo._ready.Task;
        silo.Gateway = await silo._gateway.Task;
        return silo;
    }

    /// <summary>Starts it with exactly these arguments, and does not wait.</summary>
    public static SiloProcess Launch(string[] arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        // A background job of a shell hands on an ignored SIGINT: Ctrl-C would never reach the program.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", ProgramPath, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in settings ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var silo = new SiloProcess(new Process { StartInfo = start });
        silo._process.OutputDataReceived += (_, line) => silo.Take(line.Data);
        silo._process.ErrorDataReceived += (_, line) => silo.Take(line.Data);
        _ = silo._process.Start();
        silo._process.BeginOutputReadLine();
        silo._process.BeginErrorReadLine();
        return silo;
    }

    /// <summary><c>kill -9</c>, as a crash would: nothing of it is told.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await Exited;
    }

    /// <summary>Ctrl-C.</summary>
    public async Task InterruptAsync()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        await Exited.WaitAsync(Patience);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _ = _output.AppendLine(line);
        }

        if (line.IndexOf(ReadyMark, StringComparison.Ordinal) is >= 0 and var at)
        {
            // A silo of a cluster says of which behind a comma.
            _ = _ready.TrySetResult(new(line[(at + ReadyMark.Length)..].Split(',')[0].Trim()));
        }

        if (line.IndexOf(GatewayMark, StringComparison.Ordinal) is >= 0 and var from)
        {
            _ = _gateway.TrySetResult(line[(from + GatewayMark.Length)..].Trim());
        }
    }
}

/// <summary>The scheduler ended instead of becoming ready; the message has what it printed.</summary>
public sealed class SiloEndedException(int exitCode, string output) : Exception($"The silo ended with {exitCode}:\n{output}")
{
    /// <summary>Its exit code, 128 + n after signal n.</summary>
    public int ExitCode { get; } = exitCode;
}
