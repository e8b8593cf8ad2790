using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Logs;

namespace OrleansBatch.Agent.Tests;

public sealed class LiveLogTests
{
    [Fact]
    public async Task Lines_can_be_read_while_the_job_runs_and_keep_their_order_and_times()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", $"echo one; echo two >&2; printf half; until [ -e {rig.PathTo("gate")} ]; do sleep 0.05; done; echo ' line'"));

        await Eventually.True(() => rig.LinesAsync("job").GetAwaiter().GetResult().Length == 2);
        var live = await rig.LogAsync("job");
        await File.WriteAllTextAsync(rig.PathTo("gate"), "open");
        var end = await rig.Session.Ended(attempt);
        var all = await rig.LogAsync("job");

        Assert.Equal(["one", "two", "half line"], all.Lines.Select(line => line.Message));
        Assert.Equal(live.Lines, all.Lines[..2]);
        Assert.Equal(["half line"], (await rig.Agent.ReadLogAsync(AnOrder.AllOf("job") with { Offset = live.End }, CancellationToken.None)).Lines.Select(line => line.Message));
        Assert.All(all.Lines, line => Assert.InRange(line.Timestamp, end.StartedAt!.Value, end.StoppedAt!.Value));
        Assert.True(all.Lines[1].Timestamp < all.Lines[2].Timestamp);
    }

    [Fact]
    public async Task A_silent_job_costs_no_index_and_a_short_one_is_whole_when_its_end_is_known()
    {
        await using var rig = await AgentRig.StartAsync();

        await rig.RunAsync(rig.Order("silent"));
        var spoke = await rig.RunAsync(rig.Order("short", "printf 'no line end'"));

        Assert.Empty(Directory.GetFiles(rig.PathTo("logs"), "silent.times", SearchOption.AllDirectories));
        Assert.True((await rig.LogAsync("silent")).Exists);
        var line = Assert.Single((await rig.LogAsync("short")).Lines);
        Assert.Equal("no line end", line.Message);
        // At its end, unless it was seen before that.
        Assert.InRange(line.Timestamp, spoke.StartedAt!.Value, spoke.StoppedAt!.Value);
        Assert.Single(Directory.GetFiles(rig.PathTo("logs"), "short.times", SearchOption.AllDirectories));
        Assert.False((await rig.LogAsync("other")).Exists);
    }

    [Fact]
    public async Task A_growing_log_is_indexed_ten_times_a_second_at_most()
    {
        await using var rig = await AgentRig.StartAsync();

        var end = await rig.RunAsync(rig.Order("job", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done"));

        var index = new FileInfo(Directory.GetFiles(rig.PathTo("logs"), "job.times", SearchOption.AllDirectories)[0]).Length / LogTimes.EntrySize;
        Assert.True(index <= ((end.StoppedAt - end.StartedAt)!.Value.TotalSeconds * 11) + 2, $"{index} entries");
        Assert.Equal(10_000, (await rig.LogAsync("job")).Lines.Length);
    }

    [Fact]
    public async Task The_log_of_a_lost_attempt_is_whole_and_closed()
    {
        await using var rig = await AgentRig.StartAsync();
        var attempt = await rig.LaunchAsync(rig.Order("job", "echo one; printf half; exec sleep 1000"));
        await Eventually.True(() => rig.LinesAsync("job").GetAwaiter().GetResult().Length == 1);

        await rig.KillSupervisorAsync();

        Assert.Equal(AttemptOutcome.Lost, (await rig.Session.Ended(attempt)).Outcome);
        Assert.Equal(["one", "half"], await rig.LinesAsync("job"));
    }
}
