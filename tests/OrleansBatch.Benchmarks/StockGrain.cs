using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Benchmarks;

/// <summary>What a job would be that kept its state in Orleans' own storage.</summary>
public interface IStockGrain : IGrainWithStringKey
{
    /// <summary>Lives a job's life: three writes of the state of a job.</summary>
    Task Live();
}

/// <summary>A grain without rules, whose state is a job's request and state.</summary>
internal sealed class StockGrain([PersistentState("job", StockGrain.Storage)] IPersistentState<StockState> stored) : Grain, IStockGrain
{
    /// <summary>The name of its storage.</summary>
    public const string Storage = "stock";

    public async Task Live()
    {
        var id = this.GetPrimaryKeyString();
        stored.State.Spec = Spec;
        stored.State.State = new() { Status = JobStatus.Runnable };
        await stored.WriteStateAsync();
        stored.State.State = stored.State.State with { Status = JobStatus.Starting, Fence = 1, Placement = PlacementOf(id) };
        await stored.WriteStateAsync();
        stored.State.State = new()
        {
            Status = JobStatus.Succeeded,
            Fence = 1,
            StartedAt = DateTimeOffset.UtcNow,
            StoppedAt = DateTimeOffset.UtcNow,
            Attempts = [new() { StartedAt = DateTimeOffset.UtcNow, StoppedAt = DateTimeOffset.UtcNow, StatusReason = "Essential container in task exited", ExitCode = 0, TaskArn = PlacementOf(id).TaskArn, LogStream = PlacementOf(id).LogStream }],
        };
        await stored.WriteStateAsync();
        DeactivateOnIdle();
    }

    private static JobSpec Spec { get; } = new()
    {
        JobName = "life",
        JobQueue = "bench",
        DefinitionName = "bench",
        DefinitionRevision = 1,
        PlatformCapability = "EC2",
        RetryStrategy = new() { Attempts = 1 },
        Container = new() { Image = "host", Command = ["/bin/true"], ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }] },
        Needs = new() { VcpuMillis = 1_000, MemoryMiB = 64 },
    };

    private static JobPlacement PlacementOf(string id) => new()
    {
        Environment = "bench",
        Epoch = 1,
        ReservationId = "1-1",
        NodeId = "i-0123456789abcdef0",
        Incarnation = "boot/journal",
        TaskArn = $"arn:aws:ecs:us-east-1:123456789012:task/AWSBatch-bench/{id}",
        ContainerInstanceArn = "arn:aws:ecs:us-east-1:123456789012:container-instance/AWSBatch-bench/0123456789abcdef0123456789abcdef",
        LogStream = $"bench/default/{id}",
    };
}

/// <summary>Its state.</summary>
[GenerateSerializer]
internal sealed class StockState
{
    /// <summary>The request.</summary>
    [Id(0)] public JobSpec? Spec { get; set; }

    /// <summary>What changes.</summary>
    [Id(1)] public JobState State { get; set; } = new() { Status = JobStatus.Submitted };
}
