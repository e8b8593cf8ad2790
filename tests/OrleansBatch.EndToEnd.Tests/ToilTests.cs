using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>A real workflow engine, Debian's Toil, against the scheduler as it starts by default.</summary>
public sealed class ToilTests : IAsyncLifetime
{
    private const string Result = "result [[0, 1], [100, 121]]";

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-toil-").FullName;
    private SiloProcess? _silo;

    private string Witnesses => Path.Combine(_folder, "witnesses");

    private string Store => Path.Combine(_folder, "store");

    [Fact]
    public async Task A_workflow_of_three_levels_runs_to_its_end_though_it_and_the_scheduler_are_killed_half_way()
    {
        Assert.SkipUnless(
            await ClientTests.HasModuleAsync(new("/usr/bin/python3", new Dictionary<string, string>()), "toil.batchSystems.awsBatch"),
            "Toil is not installed (Debian: toil).");
        await StartSchedulerAsync();

        // All levels but the last, which waits for its gate.
        using (var first = Toil().Start(Arguments()))
        {
            var printed = first.StandardError.ReadToEndAsync();
            await Eventually.True(() => first.HasExited || Directory.GetFiles(Witnesses, "last-*").Length > 0);
            Assert.False(first.HasExited, first.HasExited ? await printed : "");
            first.Kill();
            await first.WaitForExitAsync();
        }

        await _silo!.KillAsync();
        await StartSchedulerAsync();
        await File.WriteAllTextAsync(Path.Combine(Witnesses, "gate"), "open");
        var output = await Toil().RunAsync(Arguments("--restart"));

        Assert.Contains(Result, output);
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(Witnesses, "first")));
        Assert.Equal(4, Directory.GetFiles(Witnesses, "last-*").Length);
    }

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Witnesses);
        Directory.CreateDirectory(Path.Combine(_folder, "work"));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is not null)
        {
            await _silo.InterruptAsync();
            await _silo.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartSchedulerAsync()
    {
        _silo = await SiloProcess.StartAsync(Path.Combine(_folder, "data"), null, "--stop-jobs");
        WriteEndpoint(_silo.Endpoint);
    }

    private string[] Arguments(params string[] more) =>
    [
        Path.Combine(ClientTests.Scripts, "toil", "workflow.py"), Store, "--batchSystem", "aws_batch", "--awsBatchRegion", "us-east-1",
        "--awsBatchQueue", "default", "--disableCaching", "--setEnv", $"WITNESSES={Witnesses}", .. more,
    ];

    private ForeignProgram Toil() => new("/usr/bin/python3", new Dictionary<string, string>
    {
        ["AWS_ENDPOINT_URL"] = _silo!.Endpoint.ToString(),
        ["AWS_DATA_PATH"] = Path.Combine(_folder, "models"),
        ["TOIL_WORKDIR"] = Path.Combine(_folder, "work"),
        ["WITNESSES"] = Witnesses,
    });

    /// <summary>The boto3 of Debian 12 is older than AWS_ENDPOINT_URL: it is told by the file that says where each service is.</summary>
    private void WriteEndpoint(Uri endpoint)
    {
        var rules = Path.Combine(_folder, "models", "batch", "2016-08-10");
        Directory.CreateDirectory(rules);
        File.WriteAllText(
            Path.Combine(rules, "endpoint-rule-set-1.json"),
            $$"""
            {
              "version": "1.0",
              "parameters": {
                "Region": { "builtIn": "AWS::Region", "required": false, "documentation": "", "type": "String" },
                "UseDualStack": { "builtIn": "AWS::UseDualStack", "required": true, "default": false, "documentation": "", "type": "Boolean" },
                "UseFIPS": { "builtIn": "AWS::UseFIPS", "required": true, "default": false, "documentation": "", "type": "Boolean" },
                "Endpoint": { "builtIn": "SDK::Endpoint", "required": false, "documentation": "", "type": "String" }
              },
              "rules": [{ "conditions": [], "endpoint": { "url": "{{endpoint.ToString().TrimEnd('/')}}", "properties": {}, "headers": {} }, "type": "endpoint" }]
            }
            """);
    }
}
