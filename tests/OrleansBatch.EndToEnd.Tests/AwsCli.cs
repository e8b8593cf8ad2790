using System.Text.Json.Nodes;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>The real <c>aws</c> command, unmodified: only its endpoint is given.</summary>
internal sealed class AwsCli(Uri endpoint, string region = "us-east-1")
{
    /// <summary>Each call costs much processor time: more at once would only wait.</summary>
    private static readonly SemaphoreSlim AtOnce = new(4);

    private static readonly ForeignProgram Program = new("aws", new Dictionary<string, string>());

    public static bool IsInstalled => Program.IsInstalled;

    /// <summary>Runs a command that must succeed; gives what it printed, as JSON.</summary>
    public async Task<JsonNode> RunAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(arguments);
        Assert.True(exitCode == 0, $"aws {string.Join(' ', arguments)} ended with {exitCode}: {error}");
        return string.IsNullOrWhiteSpace(output) ? new JsonObject() : JsonNode.Parse(output)!;
    }

    /// <summary>Runs a command that must be refused; gives what it complained.</summary>
    public async Task<string> RefusedAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await TryAsync(arguments);
        Assert.True(exitCode != 0, $"aws {string.Join(' ', arguments)} was not refused: {output}");
        return error;
    }

    private async Task<(int ExitCode, string Output, string Error)> TryAsync(string[] arguments)
    {
        await AtOnce.WaitAsync();
        try
        {
            string[] all = ["--endpoint-url", endpoint.ToString(), "--region", region, "--output", "json", .. arguments];
            return await (AwsForks.Instance is { } forks ? forks.TryAsync(all) : Program.TryAsync(all));
        }
        finally
        {
            _ = AtOnce.Release();
        }
    }
}
