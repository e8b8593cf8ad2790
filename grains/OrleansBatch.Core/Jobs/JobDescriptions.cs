using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What DescribeJobs and ListJobs show of a job.</summary>
/// <remarks>Source: AWS Batch API, JobDetail and JobSummary.</remarks>
public static class JobDescriptions
{
    private static readonly IReadOnlyDictionary<string, string> NoTags = new Dictionary<string, string>();

    /// <summary>A job in full.</summary>
    public static JobDetail Detail(JobRecord job)
    {
        var (spec, state) = (MultiNodeJobs.SpecOf(job), job.State);
        var isGang = spec.Nodes is not null && job.Child is null;
        return new()
        {
            JobArn = Arns.Job(job.Scope, job.JobId),
            JobName = spec.JobName,
            JobId = job.JobId,
            JobQueue = Arns.JobQueue(job.Scope, spec.JobQueue),
            Status = state.Status.ToWire(),
            StatusReason = state.StatusReason,
            CreatedAt = job.CreatedAt.ToUnixTimeMilliseconds(),
            StartedAt = (state.StartedAt ?? (isGang ? null : job.Children?.FirstStartedAt))?.ToUnixTimeMilliseconds(),
            StoppedAt = state.StoppedAt?.ToUnixTimeMilliseconds(),
            IsCancelled = state.IsCancelled,
            IsTerminated = state.IsTerminated,
            Attempts = [.. state.Attempts.Select(attempt => Attempt(spec, attempt))],
            RetryStrategy = spec.RetryStrategy,
            Timeout = spec.Timeout,
            JobDefinition = Arns.JobDefinition(job.Scope, spec.DefinitionName, spec.DefinitionRevision),
            Parameters = spec.Parameters,
            Tags = Tags(job),
            DependsOn = job.Child is { } child && spec.Nodes is null ? Dependencies.OfChild(spec.DependsOn, child) : spec.DependsOn,
            ArrayProperties = ArrayPropertiesOf(job),
            NodeProperties = isGang ? DefinitionRules.WithEmptyLists(spec.Nodes!) : null,
            NodeDetails = isGang || spec.Nodes is null ? null : new() { NodeIndex = job.Child!.Index, IsMainNode = job.Child.Index == spec.Nodes.MainNode },
            PropagateTags = spec.PropagateTags,
            PlatformCapabilities = [spec.PlatformCapability],
            Container = spec.EcsTask is null && !isGang ? Container(spec.Container, AttemptFacts.Of(state)) : null,
            EcsProperties = spec.EcsTask is null ? null : EcsDescriptions.Detail(spec, state),
            OrleansBatch = Runtime(spec, state),
            ConsumableResourceProperties = ConsumableNeeds.Describe(spec.ConsumableResources, job.Scope),
            ShareIdentifier = spec.ShareIdentifier,
            SchedulingPriority = spec.SchedulingPriority,
        };
    }

    /// <summary>A job's tags, as they are now. An array's are not its children's.</summary>
    public static IReadOnlyDictionary<string, string> Tags(JobRecord job) => job.Child is null ? job.State.Tags ?? job.Spec.Tags : NoTags;

    /// <summary>A job in short.</summary>
    public static JobSummary Summary(JobRecord job) => Summary(
        job.Scope,
        job.JobId,
        job.Spec.JobName,
        job.Spec.DefinitionName,
        job.Spec.DefinitionRevision,
        job.CreatedAt,
        MultiNodeJobs.SpecOf(job).Needs,
        job.State,
        ArrayPropertiesOf(job),
        job.Spec.ShareIdentifier,
        NodePropertiesOf(job));

    private static ArrayPropertiesDetail? ArrayPropertiesOf(JobRecord job) =>
        job.Spec.Nodes is null ? ArrayJobs.Describe(job.Spec.ArraySize, job.Children, job.Child?.Index) : null;

    private static NodePropertiesSummary? NodePropertiesOf(JobRecord job) => job.Spec.Nodes is not { } nodes ? null : new()
    {
        NumNodes = nodes.NumNodes,
        NodeIndex = job.Child?.Index,
        IsMainNode = job.Child is { } child ? child.Index == nodes.MainNode : null,
    };

    /// <summary>A job in short.</summary>
    public static JobSummary Summary(
        Scope scope,
        string jobId,
        string jobName,
        string definitionName,
        int revision,
        DateTimeOffset createdAt,
        ResourceNeeds needs,
        JobState state,
        ArrayPropertiesDetail? array = null,
        string? shareIdentifier = null,
        NodePropertiesSummary? nodes = null)
    {
        var facts = AttemptFacts.Of(state);
        return new()
        {
            JobArn = Arns.Job(scope, jobId),
            JobId = jobId,
            JobName = jobName,
            CreatedAt = createdAt.ToUnixTimeMilliseconds(),
            Status = state.Status.ToWire(),
            StatusReason = state.StatusReason,
            StartedAt = state.StartedAt?.ToUnixTimeMilliseconds(),
            StoppedAt = state.StoppedAt?.ToUnixTimeMilliseconds(),
            ArrayProperties = array,
            Container = facts is { ExitCode: null, Reason: null } ? null : new() { ExitCode = facts.ExitCode, Reason = facts.Reason },
            JobDefinition = Arns.JobDefinition(scope, definitionName, revision),
            CapacityUsage = [new() { CapacityUnit = "VCPU", Quantity = needs.VcpuMillis / 1000.0 }],
            // Present only when true, unlike in a full description.
            IsCancelled = state.IsCancelled ? true : null,
            IsTerminated = state.IsTerminated ? true : null,
            ShareIdentifier = shareIdentifier,
            NodeProperties = nodes,
        };
    }

    private static AttemptDetail Attempt(JobSpec spec, JobAttempt attempt) => new()
    {
        StartedAt = attempt.StartedAt?.ToUnixTimeMilliseconds(),
        StoppedAt = attempt.StoppedAt.ToUnixTimeMilliseconds(),
        StatusReason = attempt.StatusReason,
        TaskProperties = spec.EcsTask is null ? null : [EcsDescriptions.Attempt(spec, attempt)],
        Container = spec.EcsTask is not null ? null : new()
        {
            ContainerInstanceArn = attempt.ContainerInstanceArn,
            TaskArn = attempt.TaskArn,
            ExitCode = attempt.ExitCode,
            Reason = attempt.Reason,
            LogStreamName = attempt.LogStream,
            NetworkInterfaces = NetworkOf(attempt.Address),
        },
        OrleansBatch = attempt.StartedAt is null ? null : new()
        {
            // An attempt of which nothing is known says nothing of its limits either.
            Limits = attempt is { Usage: null, Unlimited: null } ? null : Limits(attempt.Unlimited),
            PeakMemoryMiB = attempt.Usage?.PeakMemoryBytes is { } bytes ? Math.Round(bytes / (1024.0 * 1024.0), 2) : null,
            CpuSeconds = attempt.Usage?.CpuTime is { } time ? Math.Round(time.TotalSeconds, 6) : null,
            CostUsd = attempt.CostUsd,
        },
    };

    private static RuntimeDetail Runtime(JobSpec spec, JobState state) => new()
    {
        Runtime = "process",
        CostUsd = state.Attempts.Sum(attempt => attempt.CostUsd ?? 0) is var cost and > 0 ? cost : null,
        Note = spec.EcsTask is null
            ? spec.Container.Image is null ? "Each node's command runs as a process of the host. Its image is not pulled." : $"The command runs as a process of the host. The image {spec.Container.Image} is not pulled."
            : "Each container's command runs as a process of the host. Its image is not pulled.",
        Limits = state.Placement is { StartedAt: not null } live ? Limits(live.Unlimited)
            : state.Attempts.LastOrDefault(attempt => attempt is not { Usage: null, Unlimited: null }) is { } last ? Limits(last.Unlimited)
            : null,
    };

    internal static IReadOnlyList<NetworkInterface> NetworkOf(string? address) => address is null ? [] : [new() { PrivateIpv4Address = address }];

    private static string Limits(string? unlimited) => unlimited is null ? "enforced" : $"not enforced: {unlimited}";

    /// <summary>The container as submitted, lists present even when empty, with the facts of the latest attempt.</summary>
    private static ContainerDetail Container(ContainerProperties container, AttemptFacts facts) => new()
    {
        Image = container.Image,
        Vcpus = container.Vcpus,
        Memory = container.Memory,
        Command = container.Command ?? [],
        JobRoleArn = container.JobRoleArn,
        ExecutionRoleArn = container.ExecutionRoleArn,
        Volumes = container.Volumes ?? [],
        Environment = container.Environment ?? [],
        MountPoints = container.MountPoints ?? [],
        ReadonlyRootFilesystem = container.ReadonlyRootFilesystem,
        Privileged = container.Privileged,
        Ulimits = container.Ulimits ?? [],
        User = container.User,
        InstanceType = container.InstanceType,
        ResourceRequirements = container.ResourceRequirements ?? [],
        LinuxParameters = container.LinuxParameters,
        LogConfiguration = container.LogConfiguration,
        Secrets = container.Secrets ?? [],
        NetworkConfiguration = container.NetworkConfiguration,
        FargatePlatformConfiguration = container.FargatePlatformConfiguration,
        EphemeralStorage = container.EphemeralStorage,
        RuntimePlatform = container.RuntimePlatform,
        RepositoryCredentials = container.RepositoryCredentials,
        EnableExecuteCommand = container.EnableExecuteCommand,
        ExitCode = facts.ExitCode,
        Reason = facts.Reason,
        TaskArn = facts.TaskArn,
        ContainerInstanceArn = facts.ContainerInstanceArn,
        LogStreamName = facts.LogStream,
        NetworkInterfaces = NetworkOf(facts.Address),
    };
}
