using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Nodes;

/// <summary>
/// Two schedulers on one store, neither of which knows of the other, as silos that were cut off from each other: the second one takes over, and the first one, whose grains
/// remember what was, goes on to be asked. By seeds, which vary who asks for what and how much of it.
/// </summary>
public sealed class LeftBehindTests : IDisposable
{
    private const string Wanted = "ORLEANSBATCH_SEEDS";

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-behind-").FullName;
    private readonly FakeAgent _one = new() { NodeId = "i-00000000000000001", Lease = TimeSpan.FromSeconds(60) };
    private readonly FakeAgent _two = new() { NodeId = "i-00000000000000002", Lease = TimeSpan.FromSeconds(60) };

    /// <summary>An agent that is never lost by time.</summary>
    private readonly FakeAgent _unleased = new() { NodeId = "i-00000000000000003" };

    /// <summary>Two, or as many as the variable says.</summary>
    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable(Wanted), out var count) ? count : 2)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task An_environment_that_was_left_behind_gives_out_nothing(int seed)
    {
        var random = new Random(seed);
        await using var former = await StartAsync();
        await using var latter = await StartAsync(beside: former);
        await former.ConnectAsync(_unleased);
        var queue = await SetUpAsync(former);
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            // The former knows a host with room.
            await former.SubmitAsync(queue);
            await former.ExitedAsync(await Batch.LaunchOnAsync(_unleased, queue), 0, _unleased);
        }

        await latter.ConnectAsync(_unleased);
        var room = (int)(_unleased.Capacity.VcpuMillis / 1_000);
        List<string> jobs = [];
        List<LaunchOrder> running = [];
        for (var n = 0; n < room; n++)
        {
            jobs.Add(await latter.SubmitAsync(queue));
            running.Add(await Batch.LaunchOnAsync(_unleased, queue));
            await latter.StartedAsync(running[n], _unleased);
        }

        for (var n = random.Next(1, room); n > 0; n--)
        {
            jobs.Add(await former.SubmitAsync(queue));
        }

        // It finds out when it looks what became of what it gave out, and rebuilds; or it has given out one more.
        await Batch.UntilAsync(async () =>
        {
            former.Clock.Advance(TimeSpan.FromSeconds(5));
            return (await former.InUseAsync(queue)).VcpuMillis == room * 1_000L || await PlacedAsync(former, jobs) > room;
        });
        await former.Keeper.LookAsync(CancellationToken.None);
        await latter.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal(room, await PlacedAsync(former, jobs));
        Assert.Equal(running.Select(order => order.Attempt.JobId).Order(), _unleased.Launches.Keys.Where(attempt => jobs.Contains(attempt.JobId)).Select(attempt => attempt.JobId).Order());
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_job_that_was_left_behind_changes_nothing_of_what_became_of_it(int seed)
    {
        var random = new Random(seed);
        await using var former = await StartAsync();
        await using var latter = await StartAsync(beside: former);
        await former.ConnectAsync(_one);
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            var queue = await SetUpAsync(former);
            var job = await former.SubmitAsync(queue, attempts: random.Next(1, 4));
            var order = await Batch.LaunchOnAsync(_one, queue);
            if (random.Next(2) == 0)
            {
                await former.StartedAsync(order, _one);
            }

            await ConnectAsync(latter, order.Attempt);
            await latter.ExitedAsync(order, 0, _one);
            var (state, events) = (await latter.StateAsync(job), await latter.EventsAsync(job));

            // Here it is still STARTING or RUNNING.
            switch (random.Next(3))
            {
                case 0:
                    await former.TerminateAsync(job);
                    break;
                case 1:
                    await former.CancelAsync(job);
                    break;
                default:
                    await ConnectAsync(former);
                    await former.ReportAsync(order, AttemptOutcome.Lost, null, _one);
                    break;
            }

            await former.Keeper.LookAsync(CancellationToken.None);
            Assert.Equal((state, "SUCCEEDED"), (await latter.StateAsync(job), state[.."SUCCEEDED".Length]));
            Assert.Equal(events, await latter.EventsAsync(job));
            await ConnectAsync(former);
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Who_renews_with_one_that_was_left_behind_renews_in_fact_or_is_told(int seed)
    {
        var random = new Random(seed);
        await using var former = await StartAsync();
        await using var latter = await StartAsync(beside: former);
        await former.ConnectAsync(_one);
        var queue = await SetUpAsync(former);
        var job = await former.SubmitAsync(queue, attempts: 2);
        var order = await Batch.LaunchOnAsync(_one, queue);
        await former.StartedAsync(order, _one);

        // It watches the row from now on.
        await latter.ConnectAsync(_two);
        await latter.Keeper.LookAsync(CancellationToken.None);
        for (var left = TimeSpan.FromMinutes(5); left > TimeSpan.Zero;)
        {
            var pause = TimeSpan.FromSeconds(random.Next(5, 55));
            left -= pause;
            former.Clock.Advance(pause);
            _ = await RenewAsync(latter, _two);
            // Its supervisor ends everything by then if it is not told within its lease.
            Assert.True(await RenewAsync(former, _one));
            Assert.Equal(NodeState.Connected, (await former.NodeRowAsync(_one)).State);
        }

        await latter.Keeper.LookAsync(CancellationToken.None);
        Assert.Equal(("RUNNING", 1), (await latter.StateAsync(job), (await latter.DescribeAsync(job)).Attempts.Count + 1));
        Assert.Empty(_two.Launches);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task A_report_that_comes_again_after_the_next_attempt_has_begun_is_not_of_this_one(int seed)
    {
        var random = new Random(seed);
        await using var batch = await StartAsync();
        await batch.ConnectAsync(_one);
        var queue = await SetUpAsync(batch);
        var attempts = random.Next(2, 6);
        var job = await batch.SubmitAsync(queue, attempts);
        List<(LaunchOrder Order, int ExitCode)> over = [];
        for (var attempt = 1; attempt <= attempts; attempt++)
        {
            var order = await Batch.LaunchOnAsync(_one, queue);
            await batch.StartedAsync(order, _one);
            foreach (var (former, code) in over.Where(_ => random.Next(2) == 0 || attempt == attempts).OrderBy(_ => random.Next()))
            {
                await batch.ExitedAsync(former, code, _one);
            }

            Assert.Equal(("RUNNING", attempt - 1), (await batch.StateAsync(job), (await batch.DescribeAsync(job)).Attempts.Count));
            over.Add((order, attempt == attempts ? 0 : random.Next(1, 100)));
            await batch.ExitedAsync(order, over[^1].ExitCode, _one);
        }

        var row = await batch.DescribeAsync(job);
        Assert.Equal("SUCCEEDED", row.Status);
        Assert.Equal(over.Select(each => (int?)each.ExitCode), row.Attempts.Select(attempt => attempt.Container!.ExitCode));
    }

    private Task<Batch> StartAsync(Batch? beside = null) => Batch.StartAsync(Path.Combine(_folder, "batch.db"), connects: false, beside: beside);

    /// <summary>An environment whose one host is any node that serves it, and a queue.</summary>
    private static Task<string> SetUpAsync(Batch batch) => batch.SetUpUnmanagedAsync();

    private static async Task<int> PlacedAsync(Batch batch, List<string> jobs)
    {
        var placed = 0;
        foreach (var job in jobs)
        {
            placed += (await batch.DescribeAsync(job)).Status is "STARTING" or "RUNNING" ? 1 : 0;
        }

        return placed;
    }

    private static Task<bool> RenewAsync(Batch batch, FakeAgent agent) =>
        AgainAsync(async () => await batch.NodeOf(agent).Renew(agent.Incarnation, CancellationToken.None) != NodeRenewal.Lost);

    private Task<bool> ConnectAsync(Batch batch, params IEnumerable<AttemptId> attempts) =>
        AgainAsync(async () => (await batch.ConnectAsync(_one, attempts)).Refused is null);

    /// <summary>As an agent does: again, when it was not answered. A node's activation that finds itself left behind makes way for one that reads the row.</summary>
    private static async Task<bool> AgainAsync(Func<Task<bool>> call)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await call();
            }
            catch (JobStoreException) when (tries < 20)
            {
                // Again.
            }
        }
    }
}
