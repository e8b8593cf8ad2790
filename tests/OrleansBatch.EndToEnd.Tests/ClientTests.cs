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
    public async Task The_SDK_for_JavaScript_walks_the_main_path()
    {
        Assert.SkipUnless(
            new ForeignProgram("node", new Dictionary<string, string>()).IsInstalled && Directory.Exists(Path.Combine(Scripts, "node", "node_modules", "@aws-sdk")),
            "Node.js or the SDK is not installed: see test.sh.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var node = new ForeignProgram("node", new Dictionary<string, string> { ["AWS_ENDPOINT_URL"] = scheduler.Silo.Endpoint.ToString() });

        Assert.Contains(Walked, await node.RunAsync(Path.Combine(Scripts, "node", "main_path.mjs")));
    }

    [Fact]
    public async Task Boto3_walks_the_main_path()
    {
        var python = new ForeignProgram(Python, new Dictionary<string, string>());
        Assert.SkipUnless(await HasModuleAsync(python, "boto3"), "boto3 is not installed (Debian: python3-boto3).");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();

        Assert.Contains(Walked, await python.RunAsync(Path.Combine(Scripts, "python", "main_path.py"), scheduler.Silo.Endpoint.ToString()));
    }

    internal static async Task<bool> HasModuleAsync(ForeignProgram python, string module) =>
        python.IsInstalled && (await python.TryAsync("-c", $"import {module}")).ExitCode == 0;
}
