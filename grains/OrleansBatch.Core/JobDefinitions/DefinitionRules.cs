using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.JobDefinitions;

/// <summary>What may be registered as a job definition, and what is said about it.</summary>
/// <remarks>Source: AWS Batch API, RegisterJobDefinition, DeregisterJobDefinition, DescribeJobDefinitions.</remarks>
public static class DefinitionRules
{
    /// <summary>The revision that a request registers.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="revision">One above the highest that the name ever had.</param>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not available yet.</exception>
    public static JobDefinition Register(RegisterJobDefinitionRequest request, int revision)
    {
        Check(request);
        return new()
        {
            Name = request.JobDefinitionName!,
            Revision = revision,
            IsActive = true,
            Type = request.Type!,
            Parameters = request.Parameters ?? new Dictionary<string, string>(),
            SchedulingPriority = request.SchedulingPriority,
            Container = request.ContainerProperties ?? new(),
            Nodes = request.Type == "multinode" ? request.NodeProperties : null,
            EcsTask = request.EcsProperties.IsGiven() ? request.EcsProperties!.TaskProperties![0] : null,
            RetryStrategy = WithLowerCaseActions(request.RetryStrategy),
            Timeout = request.Timeout is { AttemptDurationSeconds: not null } ? request.Timeout : null,
            PropagateTags = request.PropagateTags ?? false,
            PlatformCapabilities = request.PlatformCapabilities ?? [],
            Tags = request.Tags ?? new Dictionary<string, string>(),
            ConsumableResourceProperties = request.ConsumableResourceProperties is { ConsumableResourceList.Count: > 0 } ? request.ConsumableResourceProperties : null,
        };
    }

    /// <summary>Checks a request without registering anything.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not available yet.</exception>
    public static void Check(RegisterJobDefinitionRequest request)
    {
        try
        {
            CheckFields(request);
        }
        catch (BatchClientException mistake) when (mistake is not ValidationException)
        {
            // Rules shared with other calls do not know that this call's texts are wrapped.
            throw new ValidationException(mistake.Message);
        }
    }

    /// <summary>RegisterJobDefinition's answer.</summary>
    public static RegisterJobDefinitionResponse Answer(Scope scope, JobDefinition definition) => new()
    {
        JobDefinitionName = definition.Name,
        JobDefinitionArn = Arns.JobDefinition(scope, definition.Name, definition.Revision),
        Revision = definition.Revision,
    };

    /// <summary>A revision, as DescribeJobDefinitions gives it.</summary>
    public static JobDefinitionDetail Describe(Scope scope, JobDefinition definition) => new()
    {
        JobDefinitionName = definition.Name,
        JobDefinitionArn = Arns.JobDefinition(scope, definition.Name, definition.Revision),
        Revision = definition.Revision,
        Status = definition.IsActive ? "ACTIVE" : "INACTIVE",
        Type = definition.Type,
        SchedulingPriority = definition.SchedulingPriority,
        Parameters = definition.Parameters,
        RetryStrategy = definition.RetryStrategy,
        NodeProperties = definition.Nodes is { } nodes ? WithEmptyLists(nodes) : null,
        ContainerProperties = definition.EcsTask is null && definition.Nodes is null ? WithEmptyLists(definition.Container) : null,
        EcsProperties = definition.EcsTask is { } task ? new() { TaskProperties = [WithEmptyLists(task)] } : null,
        Timeout = definition.Timeout,
        Tags = definition.Tags,
        PropagateTags = definition.PropagateTags,
        PlatformCapabilities = definition.PlatformCapabilities.Count > 0 ? definition.PlatformCapabilities : null,
        ContainerOrchestrationType = "ECS",
        ConsumableResourceProperties = definition.ConsumableResourceProperties,
    };

    /// <summary>Which revision is to become inactive. Without a revision: the highest active one.</summary>
    /// <exception cref="BatchClientException">It names no revision of this scope.</exception>
    public static DefinitionReference Deregister(DeregisterJobDefinitionRequest request, Scope scope)
    {
        if (string.IsNullOrEmpty(request.JobDefinition))
        {
            throw new BatchClientException("jobDefinition is required.");
        }

        return DefinitionReference.Find(request.JobDefinition, scope) ?? throw DoesNotExist(request.JobDefinition);
    }

    /// <summary>Which revisions a DescribeJobDefinitions means.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed, or jobDefinitions beside another parameter.</exception>
    public static DefinitionListPlan List(DescribeJobDefinitionsRequest request, Scope scope) => DefinitionListPlan.Of(request, scope);

    /// <summary>Says that there is none. Clients look for the words <c>does not exist</c>.</summary>
    public static BatchClientException DoesNotExist(string text) => new($"JobDefinition {text} does not exist");

    private static void CheckFields(RegisterJobDefinitionRequest request)
    {
        if (!ResourceNames.IsValid(request.JobDefinitionName))
        {
            throw new ValidationException($"Provided name {request.JobDefinitionName} is not supported pattern[a-zA-Z_0-9-]{{1,128}}");
        }

        CheckKind(request);
        var platform = PlatformOf(request.PlatformCapabilities, isManagedAllowed: request.EcsProperties.IsGiven());
        if (request.SchedulingPriority is < 0 or > 9999)
        {
            throw new ValidationException("Scheduling priority must be between 0 and 9999.");
        }

        RetryRules.Check(request.RetryStrategy);
        TimeoutRules.Check(request.Timeout);
        TagRules.Check(request.Tags);
        ConsumableNeeds.Check(request.ConsumableResourceProperties, "consumableResourceProperties");
        if (request.Type == "multinode")
        {
            NodeRules.Check(request.NodeProperties!);
        }
        else if (request.EcsProperties.IsGiven())
        {
            EcsTaskRules.Check(request.EcsProperties!, platform);
        }
        else
        {
            ContainerRules.Check(request.ContainerProperties!, platform == "FARGATE");
        }
    }

    private static void CheckKind(RegisterJobDefinitionRequest request)
    {
        var (container, ecs, eks) = (request.ContainerProperties is not null, request.EcsProperties.IsGiven(), request.EksProperties.IsGiven());
        var clash = (container, ecs, eks) switch
        {
            (true, true, _) => "Cannot use both ECS containerProperties and ecsProperties",
            (true, _, true) => "Cannot use both ECS containerProperties and eksProperties",
            (_, true, true) => "Cannot use both ecsProperties and eksProperties",
            _ => null,
        };
        if (clash is not null)
        {
            throw new ValidationException(clash);
        }

        CheckType(request);
        if (request.Type == "multinode")
        {
            CheckMultiNode(request, isAnyOther: container || ecs || eks);
            return;
        }

        if (eks)
        {
            throw Unavailable.Feature("eksProperties");
        }

        if (!container && !ecs)
        {
            throw new ValidationException("containerProperties is required for a job definition of type container.");
        }
    }

    private static void CheckType(RegisterJobDefinitionRequest request)
    {
        switch (request.Type)
        {
            case "container" when request.NodeProperties.IsGiven():
                throw new ValidationException("nodeProperties is only applicable for a job definition of type multinode.");
            case "container":
                return;
            case "multinode":
                return;
            case null:
                throw new ValidationException("type is required.");
            default:
                throw new ValidationException($"Job definition type {request.Type} is not valid. Valid values are: [container, multinode]");
        }
    }

    private static void CheckMultiNode(RegisterJobDefinitionRequest request, bool isAnyOther)
    {
        if (isAnyOther)
        {
            throw new ValidationException("A job definition of type multinode has nodeProperties and none of containerProperties, ecsProperties and eksProperties.");
        }

        if (!request.NodeProperties.IsGiven())
        {
            throw new ValidationException("nodeProperties is required for a job definition of type multinode.");
        }

        if (request.PlatformCapabilities?.Contains("FARGATE") == true)
        {
            throw new ValidationException("nodeProperties is not applicable for Fargate.");
        }
    }

    private static string PlatformOf(IReadOnlyList<string>? capabilities, bool isManagedAllowed) => capabilities switch
    {
        null or [] or ["EC2"] => "EC2",
        ["FARGATE"] => "FARGATE",
        ["MANAGED_INSTANCES"] when isManagedAllowed => "MANAGED_INSTANCES",
        ["MANAGED_INSTANCES"] => throw new ValidationException("platformCapabilities MANAGED_INSTANCES is only applicable with ecsProperties."),
        [var other] => throw new ValidationException($"Platform capability {other} is not valid. Valid values are: [EC2, FARGATE]"),
        _ => throw new ValidationException($"platformCapabilities has {capabilities.Count} values, exactly one is allowed."),
    };

    // The service gives actions back in lower case, and Terraform compares them.
    private static RetryStrategy? WithLowerCaseActions(RetryStrategy? strategy) => strategy is null
        ? null
        : strategy with { EvaluateOnExit = strategy.EvaluateOnExit?.Select(e => e with { Action = e.Action?.ToLowerInvariant() }).ToArray() };

    /// <summary>The nodes as they are described, of a definition or of a job.</summary>
    internal static NodeProperties WithEmptyLists(NodeProperties nodes) => nodes with
    {
        NodeRangeProperties =
        [
            .. nodes.NodeRangeProperties!.Select(range => range with
            {
                Container = range.Container is null ? null : WithEmptyLists(range.Container),
                EcsProperties = range.EcsProperties.IsGiven() ? new() { TaskProperties = [WithEmptyLists(range.EcsProperties!.TaskProperties![0])] } : null,
            }),
        ],
    };

    // The service answers with empty lists where a definition names none.
    private static ContainerProperties WithEmptyLists(ContainerProperties container) => container with
    {
        Command = container.Command ?? [],
        Volumes = container.Volumes ?? [],
        Environment = container.Environment ?? [],
        MountPoints = container.MountPoints ?? [],
        Ulimits = container.Ulimits ?? [],
        ResourceRequirements = container.ResourceRequirements ?? [],
        Secrets = container.Secrets ?? [],
    };

    private static EcsTaskProperties WithEmptyLists(EcsTaskProperties task) => task with
    {
        Containers =
        [
            .. task.Containers!.Select(container => container with
            {
                Command = container.Command ?? [],
                DependsOn = container.DependsOn ?? [],
                Environment = container.Environment ?? [],
                MountPoints = container.MountPoints ?? [],
                ResourceRequirements = container.ResourceRequirements ?? [],
                Secrets = container.Secrets ?? [],
                Ulimits = container.Ulimits ?? [],
            }),
        ],
        Volumes = task.Volumes ?? [],
    };
}
