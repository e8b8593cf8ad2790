using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task Hosts_lists_what_environments_have_with_their_load()
    {
        var (name, id) = await OnOwnHostAsync("EC2");

        var table = await ConsoleAsync("hosts", name);
        var json = await JsonAsync("hosts", name);

        Assert.Equal(0, table.ExitCode);
        Assert.Matches("^HOST +ENVIRONMENT +TYPE +STATE +LOAD", table.Lines[0]);
        Assert.Matches(@$"^i-[0-9a-f]{{17}} +{name} +\S+ +ACTIVE +\d+ % +1 of 2 ", table.Lines[1]);
        var host = Assert.Single(json["hosts"]!.AsArray())!;
        Assert.Equal((name, "ON_DEMAND", 1), ((string)json["computeEnvironment"]!, (string)host["purchaseOption"]!, (int)host["jobs"]!));
        Assert.Contains((string)host["hostId"]!, (await ConsoleAsync("hosts")).Out, StringComparison.Ordinal);
        AssertFailed(await ConsoleAsync("hosts", "nowhere"), 4, "Could not list the hosts.", "nowhere", "");
        _ = await ConsoleAsync("terminate", id);
    }

    [Fact]
    public async Task A_job_has_GPUs_of_its_machine_and_hosts_shows_them()
    {
        var name = Unique("gpus");
        Assert.Equal(0, (await ConsoleAsync("environments", "create", name, "--type", "UNMANAGED")).ExitCode);
        Assert.Equal(0, (await ConsoleAsync("queues", "create", name, "--environment", name)).ExitCode);
        var submitted = await ConsoleAsync("submit", "--queue", name, "--gpus", "1", "--", "sh", "-c", "echo device $CUDA_VISIBLE_DEVICES; exec sleep 600");
        Assert.True(submitted.ExitCode == 0, submitted.Error);
        var id = submitted.Out.Trim();
        await UntilAsync(id, "RUNNING");

        var table = await ConsoleAsync("hosts", name);

        Assert.Matches(" MEMORY +GPUS +JOBS ", table.Lines[0]);
        Assert.Matches(" MiB +1 of 2 +1\\b", table.Lines[1]);
        await Eventually.True(() => ConsoleAsync("logs", id).GetAwaiter().GetResult().Lines.Contains("device 0"));
        _ = await ConsoleAsync("terminate", id);
    }

    [Fact]
    public async Task A_bar_is_drawn_for_people()
    {
        var (name, id) = await OnOwnHostAsync("EC2");

        var terminal = new Surroundings(isTerminal: true, isInTerminal: true);
        var drawn = await ConsoleAsync(terminal, ["hosts", name]);

        Assert.Contains("█████", drawn.Out, StringComparison.Ordinal);
        _ = await ConsoleAsync("terminate", id);
    }

    [Fact]
    public async Task A_Spot_host_is_taken_back_by_command()
    {
        var (name, id) = await OnOwnHostAsync("SPOT");
        var host = (string)(await JsonAsync("hosts", name))["hosts"]![0]!["hostId"]!;

        var interrupted = await ConsoleAsync("hosts", "interrupt", host);

        Assert.Equal(0, interrupted.ExitCode);
        Assert.StartsWith($"interrupted {host}: it ends at ", interrupted.Out, StringComparison.Ordinal);
        Assert.Equal("INTERRUPTED", (string)(await JsonAsync("hosts", name))["hosts"]![0]!["state"]!);
        AssertFailed(await ConsoleAsync("hosts", "interrupt", "i-0"), 4, "Could not interrupt the host.", "Host i-0 does not exist", "");
        _ = await ConsoleAsync("terminate", id);
    }

    [Fact]
    public async Task Why_tells_of_a_job_where_it_is_or_what_would_help()
    {
        var (name, id) = await OnOwnHostAsync("EC2");

        var running = await ConsoleAsync("why", id);
        Assert.Matches($"^RUNNING. It is on host i-[0-9a-f]{{17}} .*of compute environment {name}", running.Out);
        _ = await ConsoleAsync("terminate", id);

        var stuck = (await ConsoleAsync("submit", "--queue", SchedulerFixture.Full, "--", "true")).Out.Trim();
        var why = await ConsoleAsync("why", stuck);
        Assert.Contains("would help: maxvCpus ≥ ", why.Out, StringComparison.Ordinal);
        Assert.Equal("MAXIMUM_TOO_LOW", (string)(await JsonAsync("why", stuck))["environments"]![0]!["outlook"]!);
        AssertFailed(await ConsoleAsync("why", "no-such-job"), 4, "Could not explain the job.", "no-such-job", "orleansbatch jobs");
        _ = await ConsoleAsync("cancel", stuck);
    }

    /// <summary>A job that runs on the only host of an environment of its own.</summary>
    private async Task<(string Environment, string JobId)> OnOwnHostAsync(string type)
    {
        var name = Unique("hosts");
        Assert.Equal(0, (await ConsoleAsync("environments", "create", name, "--type", type, "--max-vcpus", "2")).ExitCode);
        Assert.Equal(0, (await ConsoleAsync("queues", "create", name, "--environment", name)).ExitCode);
        var submitted = await ConsoleAsync("submit", "--queue", name, "--", "sleep", "600");
        Assert.True(submitted.ExitCode == 0, submitted.Error);
        var id = submitted.Out.Trim();
        await UntilAsync(id, "RUNNING");
        return (name, id);
    }
}
