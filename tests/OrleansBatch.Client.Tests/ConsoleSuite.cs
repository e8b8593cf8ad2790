using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

/// <summary>Everything that the console does, whatever carries its calls. One file for each command.</summary>
public abstract partial class ConsoleSuite(SchedulerFixture scheduler)
{
    private static readonly string[] Shell = ["sh", "-c"];

    /// <summary>The options that choose the way to the scheduler.</summary>
    protected abstract string[] Way { get; }

    /// <summary>An address at which no scheduler is, as options.</summary>
    protected abstract string[] WayToNowhere { get; }

    /// <summary>The variables that choose the way to the scheduler.</summary>
    protected abstract Dictionary<string, string> WayByEnvironment { get; }

    protected SchedulerFixture Scheduler { get; } = scheduler;

    /// <summary>Options and command apart: what stands behind <c>--</c> is the job's.</summary>
    private string[] WithWay(string[] arguments)
    {
        var end = Array.IndexOf(arguments, "--");
        return end < 0 ? [.. arguments, .. Way] : [.. arguments[..end], .. Way, .. arguments[end..]];
    }

    private Task<Outcome> ConsoleAsync(params string[] arguments) => ConsoleAsync(new Surroundings(isInTerminal: true), arguments);

    private Task<Outcome> WithInputAsync(string input, params string[] arguments) => ConsoleAsync(new Surroundings(input), arguments);

    private async Task<Outcome> ConsoleAsync(Surroundings surroundings, string[] arguments, CancellationToken interrupted = default)
    {
        var code = await ConsoleProgram.RunAsync(WithWay(arguments), surroundings.Terminal, connection: null, interrupted);
        return new(code, surroundings.Out, surroundings.Error);
    }

    /// <summary>Runs a command that must succeed with JSON as its answer.</summary>
    private async Task<JsonObject> JsonAsync(params string[] arguments)
    {
        var outcome = await ConsoleAsync(["-o", "json", .. arguments]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return JsonNode.Parse(outcome.Out)!.AsObject();
    }

    /// <summary>Submits a script; gives the job's id.</summary>
    private async Task<string> SubmitAsync(string script, params string[] options)
    {
        var outcome = await ConsoleAsync(["submit", "--queue", SchedulerFixture.Roomy, .. options, "--", .. Shell, script]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Out.Trim();
    }

    /// <summary>Submits a script and waits for its end.</summary>
    private async Task<string> EndedAsync(string script, params string[] options)
    {
        var id = await SubmitAsync(script, options);
        _ = await ConsoleAsync("wait", id);
        return id;
    }

    /// <summary>A job that runs until it is stopped, and does.</summary>
    private async Task<string> RunningAsync()
    {
        var id = await SubmitAsync("exec sleep 600");
        await UntilAsync(id, "RUNNING");
        return id;
    }

    private Task UntilAsync(string id, string status) =>
        Eventually.True(() => DescribedAsync(id).GetAwaiter().GetResult()["status"]!.ToString() == status);

    private async Task<JsonObject> DescribedAsync(string id) => (await JsonAsync("describe", id))["jobs"]![0]!.AsObject();

    private static string Unique(string name) => $"{name}-{Guid.NewGuid():N}"[..24];

    /// <summary>An error is three lines: what, why, what to do.</summary>
    private static void AssertFailed(Outcome outcome, int code, string what, string why, string hint)
    {
        Assert.Equal(code, outcome.ExitCode);
        Assert.Equal(3, outcome.ErrorLines.Length);
        Assert.Equal(what, outcome.ErrorLines[0]);
        Assert.Contains(why, outcome.ErrorLines[1], StringComparison.Ordinal);
        Assert.Contains(hint, outcome.ErrorLines[2], StringComparison.Ordinal);
    }
}

/// <summary>The suite over AWS's wire.</summary>
public sealed class OverHttp(SchedulerFixture scheduler) : ConsoleSuite(scheduler)
{
    protected override string[] Way => ["--endpoint", Scheduler.Silo.Endpoint.ToString()];

    protected override string[] WayToNowhere => ["--endpoint", "http://127.0.0.1:1"];

    protected override Dictionary<string, string> WayByEnvironment => new() { ["AWS_ENDPOINT_URL_BATCH"] = Scheduler.Silo.Endpoint.ToString() };
}

/// <summary>The suite straight to the grains.</summary>
public sealed class OverGateway(SchedulerFixture scheduler) : ConsoleSuite(scheduler)
{
    protected override string[] Way => ["--gateway", Scheduler.Silo.Gateway];

    protected override string[] WayToNowhere => ["--gateway", "127.0.0.1:1"];

    protected override Dictionary<string, string> WayByEnvironment => new() { ["ORLEANSBATCH_GATEWAY"] = Scheduler.Silo.Gateway };
}
