using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary><c>kill -9</c> of the whole program, and what the next start makes of it.</summary>
public sealed class KillTests
{
    [Fact]
    public async Task Two_hundred_running_jobs_outlive_the_program_and_end_with_their_true_exit_codes_and_logs()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 256);
        var gate = Path.Combine(scheduler.Witnesses, "gate");
        var jobs = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            scheduler.SubmitAsync($"echo begin {i}; while [ ! -e {gate} ]; do sleep 0.2; done; echo end {i}; exit {i % 7}")));
        _ = await scheduler.UntilRunningAsync(jobs);

        await scheduler.KillAsync();
        await File.WriteAllTextAsync(gate, "");
        await scheduler.StartAsync();

        var ended = (await scheduler.UntilEndedAsync(jobs)).ToDictionary(job => (string)job["jobId"]!);
        for (var i = 0; i < jobs.Length; i++)
        {
            var job = ended[jobs[i]];
            Assert.Equal(i % 7 == 0 ? "SUCCEEDED" : "FAILED", Scheduler.Status(job));
            Assert.Equal(i % 7, (int)job["container"]!["exitCode"]!);
            Assert.Equal([$"begin {i}", $"end {i}"], await scheduler.LogAsync(job));
            Assert.Equal(["start 1"], scheduler.Starts(jobs[i]));
        }

        Assert.Equal(0, await scheduler.InUseAsync());
    }

    [Fact]
    public async Task A_creation_whose_answer_died_with_the_program_is_answered_when_it_comes_again_and_done_once()
    {
        await using var scheduler = new Scheduler();
        (string Operation, object Request)[] creations =
        [
            ("CreateComputeEnvironment", new
            {
                computeEnvironmentName = "once",
                type = "MANAGED",
                computeResources = new
                {
                    type = "EC2",
                    minvCpus = 0,
                    maxvCpus = 1,
                    instanceTypes = new[] { "optimal" },
                    instanceRole = "r",
                    subnets = new[] { "s" },
                    securityGroupIds = new[] { "g" },
                },
            }),
            ("CreateJobQueue", new { jobQueueName = "once", priority = 1, computeEnvironmentOrder = new[] { new { order = 1, computeEnvironment = "once" } } }),
            ("RegisterJobDefinition", new
            {
                jobDefinitionName = "once",
                type = "container",
                containerProperties = new
                {
                    image = "host",
                    resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } },
                },
            }),
        ];
        foreach (var (operation, request) in creations)
        {
            await scheduler.StartAsync(new Dictionary<string, string> { ["OrleansBatch__KillAt"] = "CreatedNotAnswered", ["OrleansBatch__KillAtCount"] = "1" });
            await Assert.ThrowsAsync<HttpRequestException>(() => scheduler.Client.CallAsync(operation, request, "the call"));
            await scheduler.Silo.Exited;
            await scheduler.StartAsync();

            var answer = await scheduler.Client.CallAsync(operation, request, "the call");

            Assert.Contains("/once", answer.ToJsonString(), StringComparison.Ordinal);
        }

        Assert.Single((await scheduler.Client.CallAsync("DescribeJobDefinitions", new { }))["jobDefinitions"]!.AsArray());
        Assert.Single((await scheduler.Client.CallAsync("DescribeJobQueues", new { }))["jobQueues"]!.AsArray());
        Assert.Single((await scheduler.Client.CallAsync("DescribeComputeEnvironments", new { }))["computeEnvironments"]!.AsArray());
    }

    [Fact]
    public async Task A_job_that_ended_while_the_program_was_down_is_reported_at_the_next_start()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var gate = Path.Combine(scheduler.Witnesses, "gate");
        var gone = Path.Combine(scheduler.Witnesses, "gone");
        var job = await scheduler.SubmitAsync($"trap 'touch {gone}' EXIT; while [ ! -e {gate} ]; do sleep 0.1; done; exit 5");
        _ = await scheduler.UntilRunningAsync([job]);

        await scheduler.KillAsync();
        await File.WriteAllTextAsync(gate, "");
        await Eventually.True(() => File.Exists(gone));
        await scheduler.StartAsync();

        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));
        Assert.Equal(5, (int)ended["container"]!["exitCode"]!);
    }

    [Fact]
    public async Task Scenario_31_a_job_terminated_just_before_the_kill_still_ends_failed_and_is_never_tried_again()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var job = await scheduler.SubmitAsync("sleep 300", attempts: 5);
        _ = await scheduler.UntilRunningAsync([job]);

        _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = job, reason = "enough" });
        await scheduler.KillAsync();
        await scheduler.StartAsync();

        var ended = Assert.Single(await scheduler.UntilEndedAsync([job]));
        Assert.Equal(("FAILED", "enough"), (Scheduler.Status(ended), (string?)ended["statusReason"]));
        Assert.Equal(["start 1"], scheduler.Starts(job));
    }

    [Fact]
    public async Task Scenario_32_a_submission_whose_answer_the_kill_swallowed_is_one_job_when_it_is_repeated()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        await scheduler.StartAsync(new Dictionary<string, string> { ["OrleansBatch__KillAt"] = "CommittedNotAnswered" });
        var invocation = Guid.NewGuid().ToString();

        _ = await Assert.ThrowsAnyAsync<HttpRequestException>(() => scheduler.SubmitAsync("exit 0", invocationId: invocation));
        await scheduler.Silo.Exited;
        await scheduler.StartAsync();
        var first = await scheduler.SubmitAsync("exit 0", invocationId: invocation);
        var second = await scheduler.SubmitAsync("exit 0", invocationId: invocation);

        Assert.Equal(first, second);
        _ = await scheduler.UntilEndedAsync([first]);
        Assert.Single(Directory.GetFiles(scheduler.Witnesses));
    }
}
