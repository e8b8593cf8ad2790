using OrleansBatch.Core.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Multi-node jobs: their nodes have rows from their first placement, and those are written with the job's or not at all.</summary>
public abstract class MultiNodeConformance : JobStoreConformance
{
    private const string Job = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    private static readonly GangNeeds Hosts = new(new() { VcpuMillis = 2_000, MemoryMiB = 128 }, 3, "c5.large");

    private static readonly JobState Waiting = JobTransitions.Next(JobTransitions.NewGang(), new() { Attempts = 1 }, new JobEvent.Accepted(HasDependencies: false));

    [Fact]
    public async Task A_node_without_a_row_is_as_its_jobs_row_says()
    {
        await InsertGangAsync();

        var node = await ReadAsync($"{Job}#2");

        Assert.Equal(($"{Job}#2", 0, JobStatus.Runnable, JobRole.Node, 2), (node.JobId, node.Version, node.State.Status, node.State.Role, node.Child!.Index));
        Same.As([node], await Jobs.ReadManyAsync(AJob.Scope, [$"{Job}#2"], Token));
    }

    [Theory]
    [InlineData($"{Job}#3")]
    [InlineData($"{Job}:1")]
    [InlineData($"{Job}#")]
    [InlineData("single#0")]
    public async Task There_is_no_other_node(string id)
    {
        await InsertGangAsync();
        await InsertAsync(AJob.New("single"));

        Assert.Null(await Jobs.ReadAsync(id, Token));
        Assert.Empty(await Jobs.ReadManyAsync(AJob.Scope, [id], Token));
    }

    [Fact]
    public async Task The_rows_of_all_nodes_are_written_with_the_jobs_or_none_is()
    {
        await InsertGangAsync();

        Assert.Equal(StepOutcome.VersionConflict, (await PlaceAsync(jobVersion: 2)).Outcome);
        Assert.All((await GangAsync()).Nodes, node => Assert.Equal(0, node.Version));

        Assert.Equal(StepOutcome.Committed, (await PlaceAsync(jobVersion: 1)).Outcome);
        await Store.ReopenAsync();
        var gang = await GangAsync();
        Assert.Equal((2, JobStatus.Starting), (gang.Job.Version, gang.Job.State.Status));
        Assert.Equal([0, 1, 2], gang.Nodes.Select(node => node.Child!.Index));
        Assert.All(gang.Nodes, node => Assert.Equal((1, JobStatus.Starting, 2), (node.Version, node.State.Status, node.Child!.ParentVersion)));
    }

    [Fact]
    public async Task A_waiting_job_says_what_hosts_it_needs_and_is_no_array()
    {
        await InsertGangAsync();

        var waiting = Assert.Single(await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token));

        Assert.Equal((Job, 0, -1, Hosts), (waiting.JobId, waiting.ArraySize, waiting.Index, waiting.Gang));
    }

    [Fact]
    public async Task Placed_nodes_are_found_with_what_their_host_holds_and_the_job_itself_holds_nothing()
    {
        await InsertGangAsync();
        await PlaceAsync(jobVersion: 1);

        var placed = await Jobs.ReadPlacedInEnvironmentAsync(new(AJob.Scope, "local"), Token);

        Assert.Equal([$"{Job}#0", $"{Job}#1", $"{Job}#2"], placed.Select(node => node.JobId).Order());
        Assert.All(placed, node => Assert.Equal((Hosts.PerNode, 1_500), (node.Needs, node.OfGang!.Value.VcpuMillis)));
        Same.As(placed, await Jobs.ReadPlacedOnNodeAsync("i-0123456789abcdef0", Token));
        Assert.Empty(await Jobs.ReadRunnableAsync(AJob.Queue, null, 10, Token));
    }

    [Fact]
    public async Task Nodes_are_listed_by_status_and_the_job_among_its_queues_jobs()
    {
        await InsertGangAsync();
        Assert.Equal([0, 1, 2], await ListAsync(JobStatus.Runnable));

        await PlaceAsync(jobVersion: 1);
        await CommitAsync(new() { Writes = [new($"{Job}#1", 1, AJob.In(JobStatus.Running) with { Role = JobRole.Node })] });

        Assert.Equal([0, 2], await ListAsync(JobStatus.Starting));
        Assert.Equal([1], await ListAsync(JobStatus.Running));
        var page = await Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = new JobFilter.InStatus(JobStatus.Starting), Limit = 10 }, Token);
        var listed = Assert.Single(page.Jobs);
        Assert.Equal((Job, true, 3), (listed.JobId, listed.IsGang, listed.Children!.Total));
        Assert.Null(await Jobs.ListChildrenAsync(new(AJob.Scope, Job, AreNodes: false, JobStatus.Running, -1, 10), Token));
    }

    [Fact]
    public async Task Nodes_that_have_all_ended_owe_nobody_a_look()
    {
        await InsertGangAsync();
        await PlaceAsync(jobVersion: 1);
        var ended = AJob.In(JobStatus.Failed) with { Role = JobRole.Node };

        var result = await CommitAsync(new() { Writes = [.. Enumerable.Range(0, 3).Select(node => new JobWrite($"{Job}#{node}", 1, ended, ParentVersion: 2))] });

        Assert.Empty(result.FullArrays);
        Assert.Empty((await Jobs.ReadUnfinishedWorkAsync(Token)).FullArrays);
        Assert.Equal(3, (await Jobs.ReadManyAsync(AJob.Scope, [Job], Token))[0].Children!.Of(JobStatus.Failed));
    }

    [Fact]
    public async Task An_array_is_no_multi_node_job()
    {
        var array = AJob.New(Job, new() { Status = JobStatus.Pending, Unwritten = AJob.Waiting });
        await InsertAsync(array with { Spec = array.Spec with { ArraySize = 3 } });

        Assert.Null(await Jobs.ReadGangAsync(Job, Token));
        Assert.Null(await Jobs.ReadAsync($"{Job}#1", Token));
        Assert.Null(await Jobs.ListChildrenAsync(new(AJob.Scope, Job, AreNodes: true, JobStatus.Runnable, -1, 10), Token));
    }

    private async Task InsertGangAsync()
    {
        var job = AJob.New(Job, Waiting);
        await InsertAsync(job with
        {
            Spec = job.Spec with
            {
                Container = new(),
                Nodes = new()
                {
                    NumNodes = 3,
                    MainNode = 0,
                    NodeRangeProperties =
                    [
                        new()
                        {
                            TargetNodes = "0:",
                            Container = new()
                            {
                                Image = "busybox",
                                InstanceType = "c5.large",
                                ResourceRequirements = [new() { Type = "VCPU", Value = "2" }, new() { Type = "MEMORY", Value = "128" }],
                            },
                        },
                    ],
                },
            },
        });
    }

    private Task<StepResult> PlaceAsync(long jobVersion) => CommitAsync(new()
    {
        Writes =
        [
            .. Enumerable.Range(0, 3).Select(node => new JobWrite($"{Job}#{node}", 0, AJob.In(JobStatus.Starting) with { Role = JobRole.Node }, ParentVersion: jobVersion)),
            new(Job, jobVersion, Waiting with { Status = JobStatus.Starting, Fence = 1 }),
        ],
    });

    private async Task<GangReading> GangAsync()
    {
        var gang = await Jobs.ReadGangAsync(Job, Token);
        Assert.NotNull(gang);
        return gang;
    }

    private async Task<IEnumerable<int>> ListAsync(JobStatus status) =>
        (await Jobs.ListChildrenAsync(new(AJob.Scope, Job, AreNodes: true, status, -1, 10), Token))!.Jobs.Select(node => node.Child!.Index);
}
