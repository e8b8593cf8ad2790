using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Listings;
using OrleansBatch.Core.Names;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.ComputeEnvironments;

/// <summary>What a compute environment may be, and what it can take.</summary>
/// <remarks>Source: AWS Batch API, CreateComputeEnvironment, UpdateComputeEnvironment, DeleteComputeEnvironment.</remarks>
public static class ComputeEnvironmentRules
{
    /// <summary>Status reason of an environment that takes jobs.</summary>
    public const string Healthy = "ComputeEnvironment Healthy";

    /// <summary>The environment that a request creates: VALID at once.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="scope">Whose it becomes.</param>
    /// <param name="uuid">A new one.</param>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not available yet.</exception>
    public static ComputeEnvironmentConfiguration Create(CreateComputeEnvironmentRequest request, Scope scope, string uuid)
    {
        var name = NewName(request);
        CheckType(request.Type);
        CheckState(request.State);
        if (request.State == "DISABLED")
        {
            throw new ValidationException("Compute Environment must be created in ENABLED state.");
        }

        Unavailable.Refuse(request.EksConfiguration, "eksConfiguration");
        var created = new ComputeEnvironmentConfiguration
        {
            Name = new(scope, name),
            Uuid = uuid,
            Type = request.Type!,
            State = "ENABLED",
            Status = "VALID",
            StatusReason = Healthy,
            UnmanagedvCpus = request.UnmanagedvCpus,
            ComputeResources = request.ComputeResources is { } resources
                ? resources with { DesiredvCpus = resources.DesiredvCpus ?? resources.MinvCpus, UpdateToLatestImageVersion = null }
                : null,
            ServiceRole = request.ServiceRole,
            Tags = request.Tags ?? new Dictionary<string, string>(),
            Context = request.Context,
            EcsSettings = request.EcsSettings,
        };
        Check(created);
        NodePools.Check(created.Tags);
        return created;
    }

    /// <summary>The name of the environment that a request creates.</summary>
    /// <exception cref="BatchClientException">It is missing, or none.</exception>
    public static string NewName(CreateComputeEnvironmentRequest request) => ResourceNames.IsValid(request.ComputeEnvironmentName)
        ? request.ComputeEnvironmentName!
        : throw new ValidationException(
            "Compute Environment name should match a valid pattern: 1 to 128 letters, digits, hyphens and underscores.");

    /// <summary>The environment after an update. The same update again changes nothing.</summary>
    /// <param name="environment">As stored.</param>
    /// <param name="request">What changes; the rest stays.</param>
    /// <param name="desiredvCpus">vCPUs that it has now; null: as stored.</param>
    /// <exception cref="BatchClientException">A value that is not allowed, or an environment that cannot change like this.</exception>
    public static ComputeEnvironmentConfiguration Update(
        ComputeEnvironmentConfiguration environment, UpdateComputeEnvironmentRequest request, int? desiredvCpus = null)
    {
        if (environment.Status is not ("VALID" or "INVALID"))
        {
            throw new BatchClientException("Cannot update, resource is being modified.");
        }

        CheckState(request.State);
        CheckUpdatePolicy(request.UpdatePolicy);
        var updated = environment with
        {
            State = request.State ?? environment.State,
            Status = "VALID",
            StatusReason = Healthy,
            UnmanagedvCpus = request.UnmanagedvCpus ?? environment.UnmanagedvCpus,
            ComputeResources = request.ComputeResources is { } change
                ? ComputeResourceUpdates.Apply(environment, change, desiredvCpus)
                : environment.ComputeResources,
            ServiceRole = request.ServiceRole ?? environment.ServiceRole,
            UpdatePolicy = Merge(environment.UpdatePolicy, request.UpdatePolicy),
            Context = request.Context ?? environment.Context,
            EcsSettings = request.EcsSettings ?? environment.EcsSettings,
        };
        Check(updated);
        return updated;
    }

    /// <summary>Whether an update is one of the infrastructure: its hosts are replaced.</summary>
    /// <param name="before">As stored before.</param>
    /// <param name="updated">As it becomes.</param>
    /// <param name="request">What was asked for.</param>
    /// <remarks>Source: AWS Batch user guide, "Infrastructure updates".</remarks>
    public static bool ReplacesHosts(ComputeEnvironmentConfiguration before, ComputeEnvironmentConfiguration updated, UpdateComputeEnvironmentRequest request) =>
        before.ComputeResources is { } stored && updated.ComputeResources is { } resources && request.ComputeResources is { } change
        && ComputeResourceUpdates.IsInfrastructure(stored, resources, change);

    /// <summary>How long jobs may go on, on hosts that an infrastructure update replaces.</summary>
    /// <remarks>Source: AWS Batch API, UpdatePolicy: 30 minutes unless it says otherwise, no time when jobs are terminated.</remarks>
    public static TimeSpan JobsMayRun(UpdatePolicy? policy) => policy?.TerminateJobsOnUpdate == true
        ? TimeSpan.Zero
        : TimeSpan.FromMinutes(policy?.JobExecutionTimeoutMinutes ?? 30);

    /// <summary>Whether jobs may be placed there: it is VALID, or takes them on new hosts while old ones are replaced, and ENABLED.</summary>
    public static bool TakesJobs(ComputeEnvironmentConfiguration environment) => environment is { State: "ENABLED", Status: "VALID" or "UPDATING" };

    /// <summary>Whether an environment may be deleted.</summary>
    /// <param name="environment">As stored.</param>
    /// <param name="isAttached">Whether any job queue names it.</param>
    /// <param name="hasRunningFargateJobs">Whether jobs are on it, when it is of Fargate.</param>
    /// <exception cref="BatchClientException">It may not; the first reason of those in the service's order.</exception>
    public static void CheckDelete(ComputeEnvironmentConfiguration environment, bool isAttached, bool hasRunningFargateJobs)
    {
        var reason = environment switch
        {
            { State: not "DISABLED" } => "Cannot delete, state must be DISABLED",
            { Status: not ("VALID" or "INVALID") } => "Cannot delete, resource is being modified.",
            _ when isAttached => "Cannot delete, found existing JobQueue relationship",
            _ when hasRunningFargateJobs => "Cannot delete, found running Fargate jobs",
            _ => null,
        };
        if (reason is not null)
        {
            throw new BatchClientException(reason);
        }
    }

    /// <summary>The name that an update or delete means.</summary>
    /// <exception cref="BatchClientException">There is none, or it is of another scope.</exception>
    public static string NameOf(string? nameOrArn, Scope scope) => string.IsNullOrEmpty(nameOrArn)
        ? throw new BatchClientException("computeEnvironment is required.")
        : Arns.NameOf(ResourceKind.ComputeEnvironment, nameOrArn, scope);

    /// <summary>Which environments a DescribeComputeEnvironments means.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static NameListing List(DescribeComputeEnvironmentsRequest request, Scope scope) => NameListing.Of(
        ResourceKind.ComputeEnvironment, request.ComputeEnvironments, request.MaxResults, request.NextToken, scope);

    /// <summary>Create's and Update's answer.</summary>
    public static ComputeEnvironmentResponse Answer(ScopedName environment) => new()
    {
        ComputeEnvironmentName = environment.Name,
        ComputeEnvironmentArn = Arns.ComputeEnvironment(environment.Scope, environment.Name),
    };

    /// <summary>An environment, as DescribeComputeEnvironments gives it.</summary>
    /// <param name="environment">As stored.</param>
    /// <param name="desiredvCpus">vCPUs that it has now.</param>
    public static ComputeEnvironmentDetail Describe(ComputeEnvironmentConfiguration environment, int desiredvCpus) => new()
    {
        ComputeEnvironmentName = environment.Name.Name,
        ComputeEnvironmentArn = Arns.ComputeEnvironment(environment.Name.Scope, environment.Name.Name),
        UnmanagedvCpus = environment.UnmanagedvCpus,
        EcsClusterArn = Arns.EcsCluster(environment.Name.Scope, $"AWSBatch-{environment.Name.Name}-{environment.Uuid}"),
        Tags = environment.Tags,
        Type = environment.Type,
        State = environment.State,
        Status = environment.Status,
        StatusReason = environment.StatusReason,
        ComputeResources = environment.ComputeResources is { } resources && !ComputeResourceRules.IsFargate(resources)
            ? resources with { DesiredvCpus = desiredvCpus }
            : environment.ComputeResources,
        ServiceRole = environment.ServiceRole,
        UpdatePolicy = environment.UpdatePolicy,
        ContainerOrchestrationType = "ECS",
        Uuid = environment.Uuid,
        Context = environment.Context,
        EcsSettings = environment.EcsSettings,
    };

    /// <summary>What an environment can hold in all.</summary>
    /// <param name="environment">As stored.</param>
    /// <param name="host">What the host behind it has.</param>
    /// <remarks>Managed environments model hosts of any memory, so only maxvCpus bounds them, and the GPUs that are really there.</remarks>
    public static ResourceNeeds Capacity(ComputeEnvironmentConfiguration environment, ResourceNeeds host) =>
        environment.ComputeResources is { } resources
        // Far from overflow when many are added.
        ? new() { VcpuMillis = resources.MaxvCpus!.Value * 1000L, MemoryMiB = long.MaxValue / 4, Gpus = host.Gpus }
        : host;

    /// <summary>The platform of the jobs that an environment runs: <c>EC2</c> or <c>FARGATE</c>.</summary>
    public static string Platform(ComputeEnvironmentConfiguration environment) =>
        environment.ComputeResources is { } resources && ComputeResourceRules.IsFargate(resources) ? "FARGATE" : "EC2";

    private static void Check(ComputeEnvironmentConfiguration environment)
    {
        if (environment.EcsSettings?.ContainerInsights is { } insights and not ("ENABLED" or "ENHANCED" or "DISABLED"))
        {
            throw new ValidationException($"containerInsights {insights} is not valid. Valid values are: [ENABLED, ENHANCED, DISABLED]");
        }

        CheckTags(environment.Tags);
        if (environment.UnmanagedvCpus is < 0)
        {
            throw new ValidationException($"unmanagedvCpus is {environment.UnmanagedvCpus}, it must be at least 0.");
        }

        switch (environment)
        {
            case { Type: "MANAGED", ComputeResources: null }:
                throw new ValidationException("computeResources is required for a MANAGED compute environment.");
            case { Type: "MANAGED", UnmanagedvCpus: not null }:
                throw new ValidationException("unmanagedvCpus is only applicable for an UNMANAGED compute environment.");
            case { Type: "UNMANAGED", ComputeResources: not null }:
                throw new ValidationException("computeResources is not applicable for an UNMANAGED compute environment.");
            case { ComputeResources: { } resources }:
                ComputeResourceRules.Check(resources);
                break;
        }
    }

    private static void CheckType(string? type)
    {
        if (type is not ("MANAGED" or "UNMANAGED"))
        {
            throw new ValidationException(type is null
                ? "type is required."
                : $"Compute environment type {type} is not valid. Valid values are: [MANAGED, UNMANAGED]");
        }
    }

    private static void CheckState(string? state)
    {
        if (state is not (null or "ENABLED" or "DISABLED"))
        {
            throw new ValidationException($"state {state} is not valid. Valid values are: [ENABLED, DISABLED]");
        }
    }

    // The rule is shared with calls whose texts are not wrapped.
    private static void CheckTags(IReadOnlyDictionary<string, string> tags)
    {
        try
        {
            TagRules.Check(tags);
        }
        catch (BatchClientException mistake)
        {
            throw new ValidationException(mistake.Message);
        }
    }

    private static void CheckUpdatePolicy(UpdatePolicy? policy)
    {
        if (policy?.JobExecutionTimeoutMinutes is < 1 or > 7200)
        {
            throw new ValidationException(
                $"jobExecutionTimeoutMinutes is {policy.JobExecutionTimeoutMinutes}, it must be between 1 and 7200.");
        }
    }

    private static UpdatePolicy? Merge(UpdatePolicy? stored, UpdatePolicy? given) => given is null
        ? stored
        : new()
        {
            TerminateJobsOnUpdate = given.TerminateJobsOnUpdate ?? stored?.TerminateJobsOnUpdate ?? false,
            JobExecutionTimeoutMinutes = given.JobExecutionTimeoutMinutes ?? stored?.JobExecutionTimeoutMinutes ?? 30,
        };
}
