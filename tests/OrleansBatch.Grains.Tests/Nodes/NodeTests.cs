using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>What a scheduler makes of what an earlier one left: each test has a scheduler and a database of its own.</summary>
public sealed class NodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-node-").FullName;

    private string Database => Path.Combine(_folder, "batch.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_attempt_that_was_stored_and_never_launched_is_launched_with_the_same_fence()
    {
        string queue;
        LaunchOrder first;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await before.SetUpAsync(maxvCpus: 2);
            _ = await before.SubmitAsync(queue);
            first = await before.LaunchOfAsync(queue);
        }

        await using var after = await Batch.StartAsync(Database, connects: false);
        await after.ConnectAsync(after.Agent);

        Assert.Equal(first.Attempt, (await after.LaunchOfAsync(queue)).Attempt);
        Assert.Equal(1_000, (await after.InUseAsync(queue)).VcpuMillis);
    }

    [Fact]
    public async Task An_attempt_that_the_agent_has_is_left_alone()
    {
        string queue;
        LaunchOrder launch;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await before.SetUpAsync(maxvCpus: 1);
            _ = await before.SubmitAsync(queue);
            launch = await before.LaunchOfAsync(queue);
        }

        await using var after = await Batch.StartAsync(Database, connects: false);
        await after.ConnectAsync(after.Agent, launch.Attempt);
        var next = await after.SubmitAsync(queue);
        await after.ExitedAsync(launch, 0);

        await after.LaunchesNextAsync(queue, next);
        Assert.Equal("SUCCEEDED", (await after.DescribeAsync(launch.Attempt.JobId)).Status);
    }

    [Fact]
    public async Task An_attempt_of_an_older_incarnation_is_lost_and_tried_again()
    {
        string queue;
        LaunchOrder launch;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await before.SetUpAsync(maxvCpus: 1);
            _ = await before.SubmitAsync(queue, attempts: 2);
            launch = await before.LaunchOfAsync(queue);
            await before.StartedAsync(launch);
        }

        await using var after = await Batch.StartAsync(Database, new FakeAgent { Incarnation = "next boot/journal" }, connects: false);
        await after.ConnectAsync(after.Agent);

        Assert.Equal(launch.Attempt with { Fence = 2 }, (await after.LaunchOfAsync(queue)).Attempt);
        var attempt = Assert.Single((await after.DescribeAsync(launch.Attempt.JobId)).Attempts);
        Assert.Matches("^Host EC2 \\(instance i-[0-9a-f]{17}\\) terminated\\.$", attempt.StatusReason);
        Assert.Null(attempt.Container!.ExitCode);
    }

    [Fact]
    public async Task A_terminated_attempt_whose_stop_was_never_sent_is_stopped()
    {
        string queue;
        LaunchOrder launch;
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await before.SetUpAsync(maxvCpus: 1);
            _ = await before.SubmitAsync(queue, attempts: 2);
            launch = await before.LaunchOfAsync(queue);
            await before.TerminateAsync(launch.Attempt.JobId);
        }

        await using var after = await Batch.StartAsync(Database, connects: false);
        await after.ConnectAsync(after.Agent, launch.Attempt);

        Assert.Equal(launch.Attempt, (await after.StopOfAsync(launch.Attempt.JobId)).Attempt);
    }

    [Fact]
    public async Task What_the_agent_has_and_no_row_asks_for_is_stopped()
    {
        await using var batch = await Batch.StartAsync(Database);
        var stranger = new AttemptId(Guid.NewGuid().ToString(), 1);

        await batch.ConnectAsync(batch.Agent, stranger);

        Assert.Equal(stranger, (await batch.StopOfAsync(stranger.JobId)).Attempt);
    }

    [Fact]
    public async Task A_scheduler_that_starts_again_finds_its_queues_and_the_order_of_what_waits()
    {
        string queue;
        List<string> jobs = [];
        await using (var before = await Batch.StartAsync(Database))
        {
            queue = await before.SetUpAsync(maxvCpus: 1);
            for (var i = 0; i < 4; i++)
            {
                jobs.Add(await before.SubmitAsync(queue, attempts: 2));
            }

            // The first one fails: it is tried again before the others.
            await before.ExitedAsync(await before.LaunchOfAsync(queue), 1);
            await before.ExitedAsync(await before.LaunchOfAsync(queue), 1);
            await before.CancelAsync(jobs[2]);
        }

        await using var after = await Batch.StartAsync(Database);
        await after.Keeper.LookAsync(CancellationToken.None);

        var second = await after.LaunchOfAsync(queue);
        Assert.Equal(jobs[1], second.Attempt.JobId);
        await after.ExitedAsync(second, 0);
        await after.LaunchesNextAsync(queue, jobs[3]);
    }
}
