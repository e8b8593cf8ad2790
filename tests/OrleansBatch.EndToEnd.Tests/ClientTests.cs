using System.Reflection;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>The main path of users of the AWS SDKs, with the SDKs themselves.</summary>
public sealed class ClientTests
{
    private const string Walked = "the main path is walked";

    /// <summary>Debian's: others need not have its packages.</summary>
    private const string Python = "/usr/bin/python3";

    /// <summary>The folder of the scripts that drive foreign clients.</summary>
    internal static string Scripts { get; } =
        typeof(ClientTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "ClientsPath").Value!;

    [Fact]
    public Task The_SDK_for_JavaScript_walks_the_main_path() => WalkWithNodeAsync("main_path.mjs");

    [Fact]
    public Task The_SDK_for_JavaScript_cancels_and_terminates_jobs_in_every_state_by_one_call() => WalkWithNodeAsync("many_jobs.mjs");

    [Fact]
    public Task Boto3_walks_the_main_path() => WalkWithPythonAsync("main_path.py");

    [Fact]
    public Task Boto3_makes_jobs_wait_for_jobs_and_children_for_children() => WalkWithPythonAsync("dependencies.py");

    internal static async Task<bool> HasModuleAsync(ForeignProgram python, string module) =>
        python.IsInstalled && (await python.TryAsync("-c", $"import {module}")).ExitCode == 0;

    private static async Task WalkWithNodeAsync(string script)
    {
        Assert.SkipUnless(
            new ForeignProgram("node", new Dictionary<string, string>()).IsInstalled && Directory.Exists(Path.Combine(Scripts, "node", "node_modules", "@aws-sdk")),
            "Node.js or the SDK is not installed: see test.sh.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var node = new ForeignProgram("node", new Dictionary<string, string> { ["AWS_ENDPOINT_URL"] = scheduler.Silo.Endpoint.ToString() });

        Assert.Contains(Walked, await node.RunAsync(Path.Combine(Scripts, "node", script)));
    }

    private static async Task WalkWithPythonAsync(string script)
    {
        var python = new ForeignProgram(Python, new Dictionary<string, string>());
        Assert.SkipUnless(await HasModuleAsync(python, "boto3"), "boto3 is not installed (Debian: python3-boto3).");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();

        Assert.Contains(Walked, await python.RunAsync(Path.Combine(Scripts, "python", script), scheduler.Silo.Endpoint.ToString()));
    }
}
