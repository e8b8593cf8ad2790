using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>A scheduler and an agent as programs of their own, with mutual TLS between them.</summary>
public sealed class RemoteAgentTests
{
    [Fact]
    public async Task A_pools_jobs_run_on_its_agent_and_outlive_the_death_of_the_scheduler()
    {
        await using var agent = new RemoteAgent();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(arguments: agent.SchedulersOptions);
        agent.Start(lease: 60);
        await RemoteAgent.SetUpPoolAsync(scheduler);
        var gate = Path.Combine(scheduler.Witnesses, "gate");
        var job = await scheduler.SubmitAsync($"echo hello; until [ -e {gate} ]; do sleep 0.1; done; exit 7");
        _ = await scheduler.UntilRunningAsync([job]);

        await scheduler.KillAsync();
        await scheduler.StartAsync(arguments: agent.SchedulersOptions);
        await File.WriteAllTextAsync(gate, "");

        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));
        Assert.Equal(7, (int)ended["container"]!["exitCode"]!);
        Assert.Equal(["start 1"], scheduler.Starts(job));
        Assert.Equal(["hello"], await scheduler.LogAsync(ended));
    }

    [Fact]
    public async Task A_killed_agents_job_is_gone_by_its_lease_before_another_attempt_begins()
    {
        await using var agent = new RemoteAgent();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(arguments: agent.SchedulersOptions);
        agent.Start(lease: 6);
        await RemoteAgent.SetUpPoolAsync(scheduler);
        var alive = Path.Combine(scheduler.Witnesses, "alive");
        var twins = Path.Combine(scheduler.Witnesses, "twins");
        var job = await scheduler.SubmitAsync(
            $"[ -e {alive} ] && kill -0 $(cat {alive}) && echo twin >> {twins}; echo $$ > {alive}; [ $AWS_BATCH_JOB_ATTEMPT = 2 ] && exit 0; trap '' TERM; while :; do sleep 0.1; done", attempts: 2);
        _ = await scheduler.UntilRunningAsync([job]);
        await Eventually.True(() => File.Exists(alive));

        await agent.KillAsync();
        agent.Start(lease: 6);
        await agent.KillAsync();
        await Eventually.True(() => !Supervisors.IsAlive(int.Parse(File.ReadAllText(alive), System.Globalization.CultureInfo.InvariantCulture)));
        agent.Start(lease: 6);

        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));
        Assert.True(Scheduler.Status(ended) == "SUCCEEDED", ended.ToJsonString());
        Assert.Equal("Host EC2 (instance i-0123456789abcdef0) terminated.", (string)ended["attempts"]![0]!["statusReason"]!);
        Assert.Equal(["start 1", "start 2"], scheduler.Starts(job));
        Assert.False(File.Exists(twins));
    }
}
