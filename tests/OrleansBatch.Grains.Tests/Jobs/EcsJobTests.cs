using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Tests.Jobs;

public sealed class EcsJobTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task A_job_of_several_containers_is_placed_with_their_sum_launched_container_by_container_and_described_so()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 3);
        await RegisterAsync(queue + "-task");
        var job = (await _batch.Jobs.Submit(
            new()
            {
                JobName = "job",
                JobQueue = queue,
                JobDefinition = queue + "-task",
                RetryStrategy = new() { Attempts = 2, EvaluateOnExit = [new() { OnExitCode = "7", Action = "RETRY" }, new() { OnReason = "*", Action = "EXIT" }] },
                EcsPropertiesOverride = new() { TaskProperties = [new() { Containers = [new() { Name = "app", Command = ["serve"] }] }] },
            },
            null,
            CancellationToken.None)).JobId;

        var first = await _batch.LaunchOfAsync(queue);
        Assert.Equal((2000, 128), ((await _batch.InUseAsync(queue)).VcpuMillis, (await _batch.InUseAsync(queue)).MemoryMiB));
        Assert.Equal(["init", "app"], first.Containers.Select(container => container.Name));
        Assert.Equal(["serve"], first.Containers[1].Command);
        Assert.Equal(new("init", ContainerCondition.Success), Assert.Single(first.Containers[1].DependsOn));

        await _batch.StartedAsync(first);
        await ReportAsync(first, exitCode: 7);
        var second = await _batch.LaunchOfAsync(queue);
        Assert.NotEqual(first.Containers[0].Log.Stream, second.Containers[0].Log.Stream);
        await ReportAsync(second, exitCode: 8);

        var ended = await _batch.DescribeAsync(job);
        Assert.Equal(("FAILED", null), (ended.Status, ended.Container));
        Assert.Equal([7, 8], ended.Attempts.Select(attempt => attempt.TaskProperties![0].Containers[1].ExitCode ?? -1));
        Assert.Equal([0, 8], ended.EcsProperties!.TaskProperties[0].Containers.Select(container => container.ExitCode ?? -1));
        Assert.Equal(second.Containers[1].Log.Stream, ended.EcsProperties.TaskProperties[0].Containers[1].LogStreamName);
        Assert.Equal(default, await _batch.InUseAsync(queue));
    }

    private async Task ReportAsync(LaunchOrder order, int exitCode) => await _batch.Node.Report(
        _batch.Agent.Incarnation,
        [
            new()
            {
                Attempt = order.Attempt,
                ReservationId = order.ReservationId,
                EnvironmentKey = order.EnvironmentKey,
                Outcome = AttemptOutcome.Exited,
                StartedAt = _batch.Clock.GetUtcNow(),
                StoppedAt = _batch.Clock.GetUtcNow(),
                ExitCode = exitCode,
                Containers =
                [
                    new() { Name = "init", StartedAt = _batch.Clock.GetUtcNow(), ExitCode = 0 },
                    new() { Name = "app", IsEssential = true, StartedAt = _batch.Clock.GetUtcNow(), ExitCode = exitCode },
                ],
            },
        ],
        CancellationToken.None);

    private async Task RegisterAsync(string name) => await _batch.Grains.GetGrain<IJobDefinitionsGrain>(Batch.Scope.Key).Register(
        new()
        {
            JobDefinitionName = name,
            Type = "container",
            EcsProperties = new()
            {
                TaskProperties =
                [
                    new()
                    {
                        Containers =
                        [
                            Container("init") with { Essential = false },
                            Container("app") with { DependsOn = [new() { ContainerName = "init", Condition = "SUCCESS" }] },
                        ],
                    },
                ],
            },
        },
        null,
        CancellationToken.None);

    private static TaskContainerProperties Container(string name) => new()
    {
        Name = name,
        Image = "host",
        Command = ["/bin/true"],
        ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }],
    };
}
