using Microsoft.Extensions.Options;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Silo.Options;

namespace OrleansBatch.Silo.FirstStart;

/// <summary>What makes a new data folder useful at once: environment <c>local</c>, queue <c>default</c>, definition <c>shell</c>.</summary>
internal sealed class DefaultResources(IGrainFactory grains, IOptions<BatchOptions> options)
{
    /// <summary>The environment's name.</summary>
    public const string Environment = "local";

    /// <summary>The queue's name.</summary>
    public const string Queue = "default";

    /// <summary>The job definition's name.</summary>
    public const string Definition = "shell";

    /// <summary>Where they belong.</summary>
    public Scope Scope => new(options.Value.Account, options.Value.Region);

    /// <summary>Creates them once in the life of a data folder: who deletes them does not get them back.</summary>
    /// <returns>Whether this was that time.</returns>
    public async Task<bool> CreateOnceAsync(CancellationToken cancellationToken)
    {
        var marker = Path.Combine(options.Value.Data, "defaults-created");
        if (File.Exists(marker))
        {
            return false;
        }

        await CreateEnvironmentAsync(cancellationToken);
        await CreateQueueAsync(cancellationToken);
        await RegisterDefinitionAsync(cancellationToken);

        // Last: a start that was cut off makes the rest the next time.
        await File.WriteAllTextAsync(marker, string.Empty, cancellationToken);
        return true;
    }

    private async Task CreateEnvironmentAsync(CancellationToken cancellationToken)
    {
        var environments = grains.GetGrain<IComputeEnvironmentsGrain>(Scope.Key);
        if ((await environments.Describe(new() { ComputeEnvironments = [Environment] }, cancellationToken)).ComputeEnvironments.Count > 0)
        {
            return;
        }

        _ = await environments.Create(
            new()
            {
                ComputeEnvironmentName = Environment,

                // This machine as it is: what is not on it cannot be promised.
                Type = "UNMANAGED",
            },
            invocation: null,
            cancellationToken);
    }

    private async Task CreateQueueAsync(CancellationToken cancellationToken)
    {
        var queues = grains.GetGrain<IJobQueuesGrain>(Scope.Key);
        if ((await queues.Describe(new() { JobQueues = [Queue] }, cancellationToken)).JobQueues.Count > 0)
        {
            return;
        }

        _ = await queues.Create(
            new()
            {
                JobQueueName = Queue,
                Priority = 1,
                ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = Environment }],
            },
            invocation: null,
            cancellationToken);
    }

    private async Task RegisterDefinitionAsync(CancellationToken cancellationToken)
    {
        var definitions = grains.GetGrain<IJobDefinitionsGrain>(Scope.Key);
        if ((await definitions.Describe(new() { JobDefinitionName = Definition }, cancellationToken)).JobDefinitions.Count > 0)
        {
            return;
        }

        _ = await definitions.Register(
            new()
            {
                JobDefinitionName = Definition,
                Type = "container",
                Parameters = new Dictionary<string, string> { ["command"] = "echo Hello from job $AWS_BATCH_JOB_ID" },
                ContainerProperties = new ContainerProperties
                {
                    Image = "host",
                    Command = ["/bin/sh", "-c", "Ref::command"],
                    ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "2048" }],
                },
            },
            invocation: null,
            cancellationToken);
    }
}
