using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests;

/// <summary>A program that is nothing but an agent: launches jobs, says so in a file, and waits to be killed.</summary>
internal static class AgentHost
{
    public const string Command = "agent-host";
    public const string LaunchedFile = "launched";
    public const int Jobs = 200;

    public static async Task<int> RunAsync(string directory)
    {
        var agent = AgentRig.MakeAgent(directory);
        await agent.StartAsync(new DeafSession(), CancellationToken.None);
        await agent.LaunchAsync([.. Enumerable.Range(0, Jobs).Select(i => OrderOf(i, agent.Incarnation, directory))], CancellationToken.None);
        var launched = Path.Combine(directory, LaunchedFile);
        await File.WriteAllTextAsync(launched + ".new", agent.Incarnation);
        File.Move(launched + ".new", launched);
        await Task.Delay(Timeout.Infinite);
        return 0;
    }

    /// <summary>Each job leaves a mark, waits for the gate to open, says its number and exits with it. Of every fourth one container does so after another waited.</summary>
    public static LaunchOrder OrderOf(int number, string incarnation, string directory)
    {
        var order = AnOrder.Of($"job-{number}", incarnation);
        var wait = $"until [ -e {directory}/gate ]; do /bin/sleep 0.05; done";
        var work = $"echo {number} >> {directory}/witness; {wait}; echo line {number}; exit {number}";
        return number % 4 > 0
            ? order with { Command = AnOrder.Shell(work) }
            : order with
            {
                Containers =
                [
                    AnOrder.Container("init", wait) with { IsEssential = false, Log = AnOrder.LogOf($"init-{number}") },
                    AnOrder.Container("app", work) with { Log = order.Log, DependsOn = [new("init", ContainerCondition.Success)] },
                ],
            };
    }

    /// <summary>Starts this program anew as one of the agents that get killed.</summary>
    public static int Start(string directory, string command, params string[] arguments)
    {
        using var launcher = new ProcessLauncher();
        var program = Path.Combine(AppContext.BaseDirectory, "OrleansBatch.Agent.Tests.dll");
        var dotnet = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet"));
        var error = launcher.Start(
            new()
            {
                Path = dotnet,
                Arguments = [dotnet, program, command, directory, .. arguments],
                Environment = ["PATH=/usr/bin:/bin", "HOME=/"],
                WorkingDirectory = directory,
                OutputPath = Path.Combine(directory, "host.log"),
            },
            out var pid);
        Assert.True(error.IsNone, error.ToString());
        return pid;
    }

    private sealed class DeafSession : INodeSession
    {
        public Task ConnectAsync(AgentHello hello, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<ImmutableArray<AttemptId>> ReportAsync(ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken) =>
            throw new IOException("The database is away.");
    }
}
