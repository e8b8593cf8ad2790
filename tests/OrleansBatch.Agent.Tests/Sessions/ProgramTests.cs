using System.Diagnostics;
using System.Reflection;
using OrleansBatch.Certificates;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes;

namespace OrleansBatch.Agent.Tests.Sessions;

/// <summary>The agent's program as it is started, signalled and told to go.</summary>
public sealed class ProgramTests : IDisposable
{
    private const string NodeId = "i-0123456789abcdef0";
    private const int Terminate = 15;

    private static readonly string AgentPath =
        typeof(ProgramTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "AgentPath").Value!;

    private readonly Papers _papers = new();
    private readonly RecordingSession _heard = new();
    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"agent-{Guid.NewGuid():N}");

    [Fact]
    public async Task Told_to_stop_it_says_so_and_leaves_its_jobs_which_the_next_start_adopts_and_stops_if_told_to()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        using var first = Start([.. Secured(gateway), "--join", "pool-a", "--job-env", "FROM=operator", "--gpus", "3"]);
        await Eventually.True(() => _heard.Hellos.Count == 1);
        Assert.Equal((NodeId, TimeSpan.FromSeconds(60), "pool-a"), (_heard.Hellos[0].NodeId, _heard.Hellos[0].Lease, Assert.Single(_heard.Hellos[0].Joins)));
        Assert.Equal(3, _heard.Hellos[0].Capacity.Gpus);
        var incarnation = _heard.Hellos[0].Incarnation;
        await gateway.LaunchAsync(AnOrder.Of("job", incarnation) with { Command = AnOrder.Shell("echo $FROM; exec sleep 1000") });
        await _heard.Started(new("job", 1));

        await SignalAsync(first);

        Assert.Equal((0, true), (first.ExitCode, gateway.HasLeft));
        using var second = Start([.. Secured(gateway), "--stop-jobs"]);
        await Eventually.True(() => _heard.Hellos.Count == 2);
        Assert.Equal((incarnation, new AttemptId("job", 1)), (_heard.Hellos[1].Incarnation, Assert.Single(_heard.Hellos[1].Attempts)));
        Assert.Equal("operator", Assert.Single((await gateway.LogAsync("job")).Lines).Message);

        await SignalAsync(second);

        Assert.Equal(0, second.ExitCode);
        Assert.Equal(143, (await _heard.Ended(new("job", 1))).ExitCode);
    }

    [Fact]
    public async Task Told_to_await_its_jobs_it_goes_when_they_have_ended()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        using var program = Start([.. Secured(gateway), "--await-jobs"]);
        await Eventually.True(() => _heard.Hellos.Count == 1);
        await gateway.LaunchAsync(AnOrder.Of("job", _heard.Hellos[0].Incarnation) with { Command = AnOrder.Shell($"until [ -e {_directory}/gate ]; do sleep 0.05; done; exit 6") });
        await _heard.Started(new("job", 1));

        ProcessSignal.Send(program.Id, Terminate);
        await Eventually.True(() => gateway.HasLeft);
        Assert.False(program.HasExited);
        await File.WriteAllTextAsync(Path.Combine(_directory, "gate"), "open");
        await program.WaitForExitAsync();

        Assert.Equal((0, 6), (program.ExitCode, (await _heard.Ended(new("job", 1))).ExitCode));
    }

    [Fact]
    public async Task A_data_folder_has_one_agent_and_one_node()
    {
        await using var gateway = await FakeGateway.StartAsync(_heard, _papers.Silo);
        using var first = Start(Secured(gateway));
        await Eventually.True(() => _heard.Hellos.Count == 1);

        Assert.Contains("in use by another", await FailsAsync(1, Secured(gateway)), StringComparison.Ordinal);
        await SignalAsync(first);

        Assert.Contains($"belongs to node {NodeId}", await FailsAsync(1, Secured(gateway, "i-00000000000000000")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Before_a_silo_is_there_it_can_be_told_to_stop_just_as_well()
    {
        using var program = Start(["--silo", "http://127.0.0.1:9"]);
        await Eventually.True(() => File.Exists(Path.Combine(_directory, "agent", "supervisor.sock")));

        await SignalAsync(program);

        Assert.Equal(0, program.ExitCode);
    }

    [Theory]
    [InlineData(2, "--silo", "--data", "x")]
    [InlineData(2, "--lease", "--data", "x", "--silo", "http://localhost:1", "--lease", "0.5")]
    [InlineData(2, "--stop-within", "--data", "x", "--silo", "http://localhost:1", "--stop-within", "31")]
    [InlineData(2, "--gpus must be 0 to 1024", "--data", "x", "--silo", "http://localhost:1", "--gpus", "1025")]
    [InlineData(2, "exclude each other", "--data", "x", "--silo", "http://localhost:1", "--stop-jobs", "--await-jobs")]
    [InlineData(2, "--nonsense", "--data", "x", "--silo", "http://localhost:1", "--nonsense")]
    [InlineData(1, "only on loopback may it be http", "--data", "x", "--silo", "http://silo-1:8001")]
    [InlineData(1, "needs a certificate", "--data", "x", "--silo", "https://silo-1:8001")]
    [InlineData(1, "go together", "--data", "x", "--silo", "https://silo-1:8001", "--ca", "ca.crt")]
    [InlineData(1, "is not the URL", "--data", "x", "--silo", "silo-1")]
    [InlineData(1, "missing.crt", "--data", "x", "--silo", "https://s", "--ca", "missing.crt", "--certificate", "c", "--key", "k")]
    public async Task What_it_cannot_start_with_it_names(int exitCode, string words, params string[] arguments)
    {
        Directory.CreateDirectory(_directory);
        using var program = Process.Start(Information(arguments))!;
        var error = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();

        Assert.Equal(exitCode, program.ExitCode);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_directory, "x")));
    }

    public void Dispose()
    {
        _papers.Dispose();
        if (Directory.Exists(Path.Combine(_directory, "agent")))
        {
            AgentRig.StartAsync(directory: _directory).GetAwaiter().GetResult().DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        else if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private string[] Secured(FakeGateway gateway, string nodeId = NodeId)
    {
        var (certificate, key) = _papers.FilesOf(Role.Node, nodeId);
        return ["--silo", gateway.Uri.ToString(), "--ca", _papers.Authority, "--certificate", certificate, "--key", key];
    }

    private Process Start(string[] arguments)
    {
        Directory.CreateDirectory(_directory);
        var process = Process.Start(Information(["--data", _directory, .. arguments]))!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<string> FailsAsync(int exitCode, string[] arguments)
    {
        using var program = Process.Start(Information(["--data", _directory, .. arguments]))!;
        var error = await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        Assert.Equal(exitCode, program.ExitCode);
        return error;
    }

    private ProcessStartInfo Information(string[] arguments) => new(AgentPath, arguments)
    {
        WorkingDirectory = _directory,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..")) },
    };

    private static async Task SignalAsync(Process process)
    {
        ProcessSignal.Send(process.Id, Terminate);
        await process.WaitForExitAsync();
    }
}
