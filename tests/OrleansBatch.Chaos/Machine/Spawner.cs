using System.Collections.Concurrent;
using System.Diagnostics;

namespace OrleansBatch.Chaos.Machine;

/// <summary>Starts all programs of a run from one thread: the kernel kills them when that thread ends, and so when this process does, however it does.</summary>
internal sealed class Spawner : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];

    private readonly string? _bug;

    /// <param name="bug">The bug that is to be in the programs; null: none.</param>
    public Spawner(string? bug = null)
    {
        _bug = bug;
        new Thread(Work) { IsBackground = true, Name = "spawner" }.Start();
    }

    /// <summary>Starts a program whose output goes to the end of a file.</summary>
    public Process Start(string log, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> command)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "--", "sh", "-c", "exec \"$@\" >>\"$0\" 2>&1 </dev/null", log, .. command])
        {
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        // Nothing that it would leave outside the run's folder.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["ORLEANSBATCH_PLANTED_BUG"] = _bug;
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        _work.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception exception)
            {
                started.SetException(exception);
            }
        });
        return started.Task.GetAwaiter().GetResult();
    }

    public void Dispose() => _work.CompleteAdding();

    private void Work()
    {
        foreach (var each in _work.GetConsumingEnumerable())
        {
            each();
        }
    }
}
