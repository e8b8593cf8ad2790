using System.Collections.Immutable;
using System.Text.Json;
using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>Checks a submission and makes of it what is stored.</summary>
/// <remarks>Source: AWS Batch API, SubmitJob.</remarks>
public static class Submission
{
    private const int MaximumBytes = 30 * 1024;
    private const int MaximumOverridesLength = 8192;

    /// <summary>Checks what can be checked without looking anything up.</summary>
    /// <exception cref="BatchClientException">A field breaks a rule, or asks for what does not exist here yet.</exception>
    public static void Check(SubmitJobRequest request)
    {
        if (!ResourceNames.IsValidJobName(request.JobName))
        {
            throw new ValidationException("Job name should match valid pattern");
        }

        if (string.IsNullOrEmpty(request.JobQueue))
        {
            throw new BatchClientException("jobQueue is required.");
        }

        if (string.IsNullOrEmpty(request.JobDefinition))
        {
            throw new BatchClientException("jobDefinition is required.");
        }

        CheckFeatures(request);
        ArrayJobs.Check(request.ArrayProperties);
        Dependencies.Check(request.DependsOn, isArray: request.ArrayProperties?.Size is not null);
        ShareRules.Check(request);
        RetryRules.Check(request.RetryStrategy);
        TimeoutRules.Check(request.Timeout);
        TagRules.Check(request.Tags);
        Overrides.Check(request.ContainerOverrides);
        ConsumableNeeds.Check(request.ConsumableResourcePropertiesOverride, "consumableResourcePropertiesOverride");
        EcsOverrides.Check(request.EcsPropertiesOverride);
        NodeOverrideRules.Check(request.NodeOverrides);

        foreach (var (name, value) in request.Parameters ?? new Dictionary<string, string>())
        {
            // JSON can carry a null where the type says text.
            if (value is null)
            {
                throw new BatchClientException($"parameters.{name} must be text.");
            }
        }

        if (SubmissionSize.InBytes(request) is > MaximumBytes and var size)
        {
            throw new BatchClientException($"A SubmitJob request can have at most {MaximumBytes} bytes, got {size}.");
        }
    }

    /// <summary>Reads which definition is meant.</summary>
    /// <exception cref="BatchClientException">It is none that could exist in the scope.</exception>
    public static DefinitionReference ParseDefinition(string text, Scope scope)
    {
        if (DefinitionReference.Find(text, scope) is { } reference)
        {
            return reference;
        }

        var isArn = text.StartsWith("arn:", StringComparison.Ordinal);
        throw isArn || ResourceNames.IsValid(text.Split(':')[0])
            ? NoActiveDefinition(text)
            : new BatchClientException($"Provided name {text} is not supported pattern[a-zA-Z_0-9-]{{1,128}}");
    }

    /// <summary>Says that there is no such definition to submit to. Clients look for these words.</summary>
    public static BatchClientException NoActiveDefinition(string text) =>
        new($"JobDefinition name {text} does not exist or is not in ACTIVE status");

    /// <summary>Works definition, overrides and parameters into what is stored. <see cref="Check"/> has accepted the request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="definition">The definition's revision.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="scope">Whose job it is.</param>
    /// <param name="dependsOn">What it waits for; null: nothing; as <see cref="Dependencies.Read(IReadOnlyList{JobDependency}?, Scope)"/> gave it.</param>
    /// <exception cref="BatchClientException">The queue does not take the job, or definition and request do not fit together.</exception>
    public static JobSpec Prepare(SubmitJobRequest request, JobDefinition definition, QueueAdmission queue, Scope scope, IReadOnlyList<JobDependency>? dependsOn = null)
    {
        CheckAdmission(definition, queue);
        if (!definition.IsActive)
        {
            throw NoActiveDefinition(request.JobDefinition!);
        }

        var share = ShareRules.InForce(request, definition, queue);
        CheckKind(request, definition);
        var isFargate = definition.PlatformCapability == "FARGATE";
        var parameters = Merge(definition.Parameters, request.Parameters);
        var task = definition.EcsTask is null ? null : EcsOverrides.Over(definition.EcsTask, request.EcsPropertiesOverride, parameters);
        var container = Overrides.Over(definition.Container, request.ContainerOverrides, isFargate);
        container = container with { Command = ParameterSubstitution.InCommand(container.Command ?? [], parameters) };

        var consumables = ConsumableNeeds.Merge(definition.ConsumableResourceProperties, request.ConsumableResourcePropertiesOverride, scope);
        var nodes = definition.Nodes is null ? null : NodeOverrideRules.Over(definition.Nodes, request.NodeOverrides, parameters);

        return new()
        {
            JobName = request.JobName!,
            JobQueue = queue.Name,
            DefinitionName = definition.Name,
            DefinitionRevision = definition.Revision,
            Container = container,
            EcsTask = task,
            Nodes = nodes,
            Needs = nodes is not null ? MultiNodeJobs.NeedsOf(nodes) : task is null ? ResourceRules.NeedsOf(container, isFargate) : ResourceRules.NeedsOf(task.Containers!, isFargate),
            RetryStrategy = RetryRules.InForce(request.RetryStrategy ?? definition.RetryStrategy),
            Timeout = TimeoutInForce(request.Timeout) ?? TimeoutInForce(definition.Timeout),
            Parameters = parameters,
            Tags = request.Tags ?? new Dictionary<string, string>(),
            DefinitionTags = definition.Tags,
            PropagateTags = request.PropagateTags ?? definition.PropagateTags,
            PlatformCapability = definition.PlatformCapability,
            OverridesLength = nodes is not null ? NodeOverrideRules.Length(nodes, request.NodeOverrides) : task is null ? Overrides.Length(request.ContainerOverrides, container) : EcsOverrides.Length(request.EcsPropertiesOverride, task),
            ArraySize = request.ArrayProperties?.Size,
            DependsOn = dependsOn ?? [],
            ConsumableResources = nodes is null ? consumables : NodeOverrideRules.Consumables(consumables, nodes, scope),
            ShareIdentifier = share?.Identifier,
            SchedulingPriority = share?.Priority,
        };
    }

    /// <summary>The job right after it was accepted: all of it that is stored in one step.</summary>
    /// <param name="spec">The job.</param>
    /// <param name="found">The jobs that it names as dependencies, by id.</param>
    /// <param name="now">The time.</param>
    public static JobMove Accept(JobSpec spec, IReadOnlyDictionary<string, JobRecord> found, DateTimeOffset now)
    {
        var verdict = Dependencies.Judge(spec.DependsOn, id => found[id].State.Status);
        var accepted = new JobEvent.Accepted(verdict != DependencyVerdict.Met, Dependencies.ChildrenWait(spec.DependsOn));
        ImmutableArray<JobEvent> happened = verdict == DependencyVerdict.Failed ? [accepted, new JobEvent.DependencyFailed(now)] : [accepted];
        if (TaskRefusal(spec) is { } refusal && WaitsInQueue(Fold(happened).State))
        {
            happened = happened.Add(new JobEvent.TaskRefused(refusal, now));
        }

        // An array of which no child will ever start ends with them.
        var move = Fold(happened);
        return spec.ArraySize is not null && move.State.Unwritten is { Status: JobStatus.Failed }
            ? Fold(happened.Add(new JobEvent.ChildrenEnded(HaveAllSucceeded: false, null, now)))
            : move;

        JobMove Fold(ImmutableArray<JobEvent> events) =>
            JobChanges.Fold(New(spec), spec.RetryStrategy, events, now);

        static JobState New(JobSpec spec) => spec.Nodes is not null ? JobTransitions.NewGang() : spec.ArraySize is null ? JobTransitions.New() : JobTransitions.NewArray();

        static bool WaitsInQueue(JobState state) => (state.Unwritten ?? state).Status == JobStatus.Runnable;
    }

    /// <summary>What happens to a waiting job when all that it waited for SUCCEEDED.</summary>
    public static ImmutableArray<JobEvent> WhenMet(JobSpec spec, DateTimeOffset now) => TaskRefusal(spec) is { } refusal
        ? [new JobEvent.DependenciesMet(), new JobEvent.TaskRefused(refusal, now)]
        : [new JobEvent.DependenciesMet()];

    /// <summary>Why no task can be made of the job; null when one can. Such a job is accepted and FAILED as soon as it is RUNNABLE.</summary>
    public static string? TaskRefusal(JobSpec spec)
    {
        if (spec.OverridesLength > MaximumOverridesLength)
        {
            return StatusReasons.OverridesTooLong;
        }

        return spec.PropagateTags && spec.Tags.Keys.Union(spec.DefinitionTags.Keys).Count() > TagRules.Maximum
            ? StatusReasons.TooManyTags
            : null;
    }

    private static void CheckFeatures(SubmitJobRequest request)
    {
        Refuse("eksPropertiesOverride", request.EksPropertiesOverride, "jobs on EKS");
    }

    private static void Refuse(string field, RawJson? value, string feature)
    {
        if (value is not null && !IsEmpty(value))
        {
            throw new BatchClientException($"{field}: {feature} are not supported yet.");
        }
    }

    /// <summary>Some clients send <c>{}</c> or <c>[]</c> for what they do not use.</summary>
    private static bool IsEmpty(RawJson value)
    {
        try
        {
            using var document = JsonDocument.Parse(value.Text);
            var root = document.RootElement;
            return root.ValueKind switch
            {
                JsonValueKind.Null => true,
                JsonValueKind.Object => !root.EnumerateObject().Any(),
                JsonValueKind.Array => root.GetArrayLength() == 0,
                _ => false,
            };
        }
        catch (JsonException)
        {
            // Only a caller that does not come over HTTP can send text that is no JSON: it asks for something all the same.
            return false;
        }
    }

    /// <summary>Overrides must be those of the definition's kind. Empty ones are of any.</summary>
    private static void CheckKind(SubmitJobRequest request, JobDefinition definition)
    {
        if (definition.EcsTask is null && request.EcsPropertiesOverride.IsGiven())
        {
            throw new BatchClientException("ecsPropertiesOverride is only applicable for a job definition with ecsProperties.");
        }

        if (definition.Nodes is null && request.NodeOverrides.IsGiven())
        {
            throw new BatchClientException("nodeOverrides is only applicable for a job definition of type multinode.");
        }

        if (definition.Nodes is not null && request.ArrayProperties?.Size is not null)
        {
            throw new BatchClientException("arrayProperties is not applicable for multi-node parallel jobs.");
        }

        if ((definition.EcsTask is not null || definition.Nodes is not null) && request.ContainerOverrides is { } overrides && overrides != new ContainerOverrides())
        {
            throw new BatchClientException("containerOverrides is only applicable for a job definition with containerProperties.");
        }
    }

    private static void CheckAdmission(JobDefinition definition, QueueAdmission queue)
    {
        if (queue.IsDeleting)
        {
            throw new BatchClientException($"Job queue {queue.Name} is being deleted: it takes no new jobs.");
        }

        if (!queue.IsEnabled)
        {
            throw new BatchClientException($"Job queue {queue.Name} is DISABLED: it takes no new jobs.");
        }

        if (!queue.Platforms.Contains(definition.PlatformCapability))
        {
            throw new BatchClientException(
                $"Job Queue is attached to Compute Environment that can not run Jobs with capability {definition.PlatformCapability}.");
        }
    }

    private static JobTimeout? TimeoutInForce(JobTimeout? timeout) => timeout?.AttemptDurationSeconds is null ? null : timeout;

    private static IReadOnlyDictionary<string, string> Merge(
        IReadOnlyDictionary<string, string> below, IReadOnlyDictionary<string, string>? above)
    {
        if (above is not { Count: > 0 })
        {
            return below;
        }

        Dictionary<string, string> merged = new(below);
        foreach (var (name, value) in above)
        {
            merged[name] = value;
        }

        return merged;
    }
}
