using System.Diagnostics;
using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Members;

/// <summary>A program of the run: started, killed, stopped and continued as a real process, by its id.</summary>
internal sealed class ChildProgram(Spawner spawner, string name, string log, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> command, Func<Task<bool>> isReady)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private Process? _process;

    /// <summary>Its name: of its folder, of its namespace, in the history.</summary>
    public string Name => name;

    /// <summary>Whether it is meant to run now.</summary>
    public bool IsUp => _process is { HasExited: false };

    /// <summary>Its process id; 0: it does not run.</summary>
    public int Pid => IsUp ? _process!.Id : 0;

    /// <summary>Starts it, and does not wait until it is ready.</summary>
    public async Task StartAsync()
    {
        if (!IsUp)
        {
            _process = await spawner.StartAsync(log, environment, command);
        }
    }

    /// <summary>Waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It ended, or did not come to be; the message has the end of its log.</exception>
    public async Task ReadyAsync()
    {
        var since = Stopwatch.StartNew();
        while (!await isReady())
        {
            if (!IsUp || since.Elapsed > Patience)
            {
                var why = IsUp ? $"was not ready within {Patience}" : $"ended with {_process?.ExitCode}";
                throw new InvalidOperationException($"{name} {why}:\n{string.Join('\n', File.ReadLines(log).TakeLast(40))}");
            }

            await Task.Delay(BetweenLooks);
        }
    }

    /// <summary>kill -9. What was seen of it.</summary>
    public async Task<(bool Struck, string Evidence)> KillAsync()
    {
        var pid = Pid;
        if (pid == 0 || !Proc.Signal(pid, Proc.Kill))
        {
            return (false, "it did not run");
        }

        await _process!.WaitForExitAsync().WaitAsync(Patience);
        return (_process.ExitCode == 128 + Proc.Kill && !Proc.IsAlive(pid), $"process {pid} is gone, killed by signal {_process.ExitCode - 128}");
    }

    /// <summary>SIGSTOP. What was seen of it.</summary>
    public async Task<(bool Struck, string Evidence)> PauseAsync()
    {
        var pid = Pid;
        if (pid == 0 || !Proc.Signal(pid, Proc.Stop))
        {
            return (false, "it did not run");
        }

        for (var look = 0; look < 100 && !Proc.IsStopped(pid); look++)
        {
            await Task.Delay(BetweenLooks / 10);
        }

        return (Proc.IsStopped(pid), $"process {pid} is {(Proc.IsStopped(pid) ? "stopped" : "not stopped")}");
    }

    /// <summary>SIGCONT.</summary>
    public void Resume() => _ = Proc.Signal(Pid, Proc.Continue);

    /// <summary>SIGTERM, and waits for its end; what was seen of it.</summary>
    public async Task<(bool Struck, string Evidence)> StopAsync(TimeSpan patience)
    {
        var pid = Pid;
        if (pid == 0 || !Proc.Signal(pid, Proc.Terminate))
        {
            return (false, "it did not run");
        }

        try
        {
            await _process!.WaitForExitAsync().WaitAsync(patience);
            return (_process.ExitCode is 0 or (128 + Proc.Terminate), $"process {pid} ended with {_process.ExitCode} after SIGTERM");
        }
        catch (TimeoutException)
        {
            _ = await KillAsync();
            return (false, $"process {pid} did not end within {patience} of SIGTERM, and was killed");
        }
    }
}
