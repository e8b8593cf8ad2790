using System.Diagnostics;
using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Members;

/// <summary>A program of the run: started, killed, stopped and continued as a real process, by its id. Whatever ends although nobody ended it is started again, as by systemd.</summary>
internal sealed class ChildProgram(Spawner spawner, string name, string log, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> command, Func<Task<bool>> isReady)
{
    /// <summary>A machine that has other things to do takes its time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);
    private const int MostStarts = 5;

    private readonly Lock _lock = new();
    private readonly List<int> _ownEnds = [];
    private Process? _process;
    private bool _isMeantToRun;
    private bool _wasEnded;

    /// <summary>Its name: of its folder, of its namespace, in the history.</summary>
    public string Name => name;

    /// <summary>The signal that tells it to stop in order.</summary>
    public int StopSignal { get; init; } = Proc.Terminate;

    /// <summary>Whether it runs.</summary>
    public bool IsUp => _process is { HasExited: false };

    /// <summary>Its process id; 0: it does not run.</summary>
    public int Pid => IsUp ? _process!.Id : 0;

    /// <summary>Exit codes of those of its processes that ended by themselves.</summary>
    public IReadOnlyList<int> OwnEnds => _ownEnds;

    /// <summary>Whether the end of its log has this.</summary>
    public bool HasSaid(string words) => File.ReadLines(log).TakeLast(300).Any(line => line.Contains(words, StringComparison.Ordinal));

    /// <summary>Starts it, if it does not run, and does not wait until it is ready.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _isMeantToRun = true;
            StartIfDown();
        }
    }

    /// <summary>Starts it again if it has ended although nobody has ended it.</summary>
    public void Revive()
    {
        lock (_lock)
        {
            if (_isMeantToRun)
            {
                StartIfDown();
            }
        }
    }

    /// <summary>Waits until it is ready.</summary>
    /// <exception cref="InvalidOperationException">It did not come to be, or ended again and again; the message has the end of its log.</exception>
    public async Task ReadyAsync()
    {
        var (since, ends) = (Stopwatch.StartNew(), _ownEnds.Count);
        while (!await isReady() || !IsUp)
        {
            if (since.Elapsed > Patience || _ownEnds.Count - ends >= MostStarts)
            {
                throw new InvalidOperationException(
                    $"{name} was not ready after {since.Elapsed} and {_ownEnds.Count - ends} ends of its own:\n{string.Join('\n', File.ReadLines(log).TakeLast(40))}");
            }

            await Task.Delay(BetweenLooks);
            Revive();
        }
    }

    /// <summary>kill -9. What was seen of it.</summary>
    public async Task<(bool Struck, string Evidence)> KillAsync()
    {
        if (SignalToEnd(Proc.Kill) is not { } process)
        {
            return (false, "it did not run");
        }

        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode == 128 + Proc.Kill && !Proc.IsAlive(process.Id), $"process {process.Id} is gone, exit code {process.ExitCode}");
    }

    /// <summary>SIGSTOP. What was seen of it.</summary>
    public async Task<(bool Struck, string Evidence)> PauseAsync()
    {
        var pid = Pid;
        if (pid == 0 || !Proc.Signal(pid, Proc.Stop))
        {
            return (false, "it did not run");
        }

        for (var since = Stopwatch.StartNew(); since.Elapsed < Patience && Proc.IsAlive(pid) && !Proc.IsStopped(pid);)
        {
            await Task.Delay(BetweenLooks / 10);
        }

        return (Proc.IsStopped(pid), $"process {pid} is {(Proc.IsStopped(pid) ? "stopped" : "not stopped")}");
    }

    /// <summary>SIGCONT.</summary>
    public void Resume() => _ = Proc.Signal(Pid, Proc.Continue);

    /// <summary>Tells it to stop, and waits for its end, which must be one in order: exit code 0. What was seen of it.</summary>
    public async Task<(bool Struck, string Evidence)> StopAsync(TimeSpan patience)
    {
        if (SignalToEnd(StopSignal) is not { } process)
        {
            return (false, "it did not run");
        }

        try
        {
            await process.WaitForExitAsync().WaitAsync(patience);
            return (process.ExitCode == 0, $"process {process.Id} ended with {process.ExitCode} after signal {StopSignal}");
        }
        catch (TimeoutException)
        {
            _ = Proc.Signal(process.Id, Proc.Kill);
            await process.WaitForExitAsync().WaitAsync(Patience);
            return (false, $"process {process.Id} did not end within {patience} of signal {StopSignal}, and was killed");
        }
    }

    /// <summary>From now on it is not meant to run. Null: it did not.</summary>
    private Process? SignalToEnd(int signal)
    {
        lock (_lock)
        {
            if (!IsUp || !Proc.Signal(_process!.Id, signal))
            {
                return null;
            }

            (_isMeantToRun, _wasEnded) = (false, true);
            return _process;
        }
    }

    private void StartIfDown()
    {
        if (IsUp)
        {
            return;
        }

        if (_process is { } former && !_wasEnded)
        {
            _ownEnds.Add(former.ExitCode);
        }

        _wasEnded = false;
        _process = spawner.Start(log, environment, command);
    }
}
