using System.Globalization;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests;

/// <summary>A program that is nothing but an agent with a lease, which is renewed as long as the program runs: to be killed, or frozen.</summary>
internal sealed class LeasedHost : IAsyncDisposable
{
    public const string Command = "leased-host";
    private const int StopSignal = 19;
    private const int ContinueSignal = 18;

    private bool _isOver;

    public required string Directory { get; init; }

    public required int Pid { get; init; }

    public required int SupervisorPid { get; init; }

    /// <summary>The first.</summary>
    public string Incarnation => Hellos[0];

    /// <summary>The incarnations that said hello.</summary>
    public string[] Hellos => File.ReadAllLines(Path.Combine(Directory, "hellos"));

    public static AttemptId[] Attempts => [new("mild", 1), new("stubborn", 1)];

    /// <summary>Starts it with two jobs that run; one of them ignores SIGTERM.</summary>
    public static async Task<LeasedHost> StartAsync(TimeSpan lease)
    {
        var directory = Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}");
        System.IO.Directory.CreateDirectory(directory);
        var pid = AgentHost.Start(directory, Command, lease.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        var ready = Path.Combine(directory, "ready");
        await Eventually.True(() => File.Exists(ready));
        return new() { Directory = directory, Pid = pid, SupervisorPid = int.Parse(await File.ReadAllTextAsync(ready), CultureInfo.InvariantCulture) };
    }

    /// <summary>Stops a process.</summary>
    /// <returns>Completes when each of its threads stands still: until it gets to the signal one may go on.</returns>
    public static Task FreezeAsync(int pid)
    {
        ProcessSignal.Send(pid, StopSignal);
        return Eventually.True(() => System.IO.Directory.GetDirectories($"/proc/{pid}/task").All(StandsStill));
    }

    private static bool StandsStill(string thread)
    {
        try
        {
            return ProcessStatus.Parse(File.ReadAllText($"{thread}/stat")) is { State: 'T' };
        }
        catch (IOException)
        {
            // It ended this moment.
            return false;
        }
    }

    /// <summary>Lets it go on.</summary>
    public static void Thaw(int pid) => ProcessSignal.Send(pid, ContinueSignal);

    public static async Task<int> RunAsync(string directory, string lease)
    {
        var agent = AgentRig.MakeAgent(directory, options =>
        {
            options.Lease = TimeSpan.FromMilliseconds(double.Parse(lease, CultureInfo.InvariantCulture));
            options.StopWithin = TimeSpan.FromSeconds(1);
        });
        var heard = new RecordingSession { OnHello = hello => File.AppendAllText(Path.Combine(directory, "hellos"), hello.Incarnation + "\n") };
        await agent.StartAsync(new LeasedSession(heard), CancellationToken.None);
        await agent.LaunchAsync(
            [
                AnOrder.Of("mild", agent.Incarnation) with { Command = AnOrder.Shell($"{Tell("mild")} exec sleep 1000") },
                AnOrder.Of("stubborn", agent.Incarnation) with
                {
                    Command = AnOrder.Shell($"trap '' TERM; {Tell("stubborn")} while :; do sleep 0.05; done"),
                    StopTimeout = TimeSpan.FromDays(1),
                },
            ],
            CancellationToken.None);
        await Eventually.True(() => System.IO.Directory.GetFiles(directory, "*.pid").Length == Attempts.Length);
        await File.WriteAllTextAsync(Path.Combine(directory, "ready.new"), agent.SupervisorPid.ToString(CultureInfo.InvariantCulture));
        File.Move(Path.Combine(directory, "ready.new"), Path.Combine(directory, "ready"));
        await Task.Delay(Timeout.Infinite);
        return 0;

        string Tell(string name) => $"echo $$ > {directory}/{name}.new; mv {directory}/{name}.new {directory}/{name}.pid;";
    }

    /// <summary>Kills it, and clears up behind it.</summary>
    public async Task EndAsync()
    {
        if (!_isOver)
        {
            _isOver = true;
            ProcessSignal.Send(Pid, ProcessSignal.Kill);
            await Eventually.True(() => ChildProcess.Reap(Pid) is not null);
            await using var undertaker = await AgentRig.StartAsync(directory: Directory);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (System.IO.Directory.Exists(Directory))
        {
            await EndAsync();
        }
        else if (!_isOver)
        {
            _isOver = true;
            await Eventually.True(() => ChildProcess.Reap(Pid) is not null);
        }
    }
}
