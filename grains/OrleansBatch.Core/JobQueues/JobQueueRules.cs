using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Listings;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Core.JobQueues;

/// <summary>What a job queue may be.</summary>
/// <remarks>Source: AWS Batch API, CreateJobQueue, UpdateJobQueue, DeleteJobQueue.</remarks>
public static class JobQueueRules
{
    /// <summary>Status reason of a queue that takes jobs.</summary>
    public const string Healthy = "JobQueue Healthy";

    private static readonly string[] Types = ["EKS", "ECS", "ECS_FARGATE", "ECS_MANAGED_INSTANCES", "SAGEMAKER_TRAINING"];

    /// <summary>The queue that a request creates: VALID at once.</summary>
    /// <param name="request">As it came.</param>
    /// <param name="scope">Whose it becomes.</param>
    /// <param name="environments">By name, those that EnvironmentNames asks for; null or absent: there is none.</param>
    /// <param name="policy">The one that PolicyName asks for; null: there is none.</param>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not available yet.</exception>
    public static JobQueueConfiguration Create(
        CreateJobQueueRequest request,
        Scope scope,
        IReadOnlyDictionary<string, ComputeEnvironmentConfiguration?> environments,
        SchedulingPolicyConfiguration? policy = null)
    {
        var name = NewName(request);
        CheckState(request.State);
        CheckPriority(request.Priority ?? throw new BatchClientException("priority is required."));
        TagRules.Check(request.Tags);
        CheckPolicy(request.SchedulingPolicyArn, policy);
        CheckType(request);
        var queue = new JobQueueConfiguration
        {
            Name = new(scope, name),
            State = request.State ?? "ENABLED",
            Status = "VALID",
            StatusReason = Healthy,
            Priority = request.Priority.Value,
            Environments = [],
            Orders = [],
            JobQueueType = "",
            Tags = request.Tags ?? new Dictionary<string, string>(),
            SchedulingPolicy = policy?.Name.Name,
            JobStateTimeLimitActions = TimeLimitRules.Check(request.JobStateTimeLimitActions),
        };
        var attached = EnvironmentOrders.Attach(queue, request.ComputeEnvironmentOrder, environments);
        if (request.JobQueueType is { } type && type != attached.JobQueueType)
        {
            throw new BatchClientException(
                $"jobQueueType {type} does not match its compute environments, which make it {attached.JobQueueType}.");
        }

        return attached;
    }

    /// <summary>The name of the queue that a request creates.</summary>
    /// <exception cref="BatchClientException">It is missing, or none.</exception>
    public static string NewName(CreateJobQueueRequest request) => ResourceNames.IsValid(request.JobQueueName)
        ? request.JobQueueName!
        : throw new BatchClientException("Job Queue name should match a valid pattern.");

    /// <summary>The queue after an update. The same update again changes nothing.</summary>
    /// <param name="queue">As stored.</param>
    /// <param name="request">What changes; the rest stays, and a list that is given replaces the whole list.</param>
    /// <param name="environments">By name, those that EnvironmentNames asks for; null or absent: there is none.</param>
    /// <param name="policy">The one that PolicyName asks for; null: there is none.</param>
    /// <exception cref="BatchClientException">A value that is not allowed, or that is not available yet.</exception>
    public static JobQueueConfiguration Update(
        JobQueueConfiguration queue,
        UpdateJobQueueRequest request,
        IReadOnlyDictionary<string, ComputeEnvironmentConfiguration?> environments,
        SchedulingPolicyConfiguration? policy = null)
    {
        if (queue.Status is not ("VALID" or "INVALID"))
        {
            throw new BatchClientException("Cannot update, resource is being modified.");
        }

        CheckState(request.State);
        CheckPriority(request.Priority ?? queue.Priority);
        CheckPolicyChange(queue, request.SchedulingPolicyArn);
        CheckPolicy(request.SchedulingPolicyArn, policy);
        Unavailable.Refuse(request.ServiceEnvironmentOrder, "serviceEnvironmentOrder");
        var updated = queue with
        {
            State = request.State ?? queue.State,
            Status = "VALID",
            StatusReason = Healthy,
            Priority = request.Priority ?? queue.Priority,
            SchedulingPolicy = policy?.Name.Name ?? queue.SchedulingPolicy,
            JobStateTimeLimitActions = request.JobStateTimeLimitActions is null
                ? queue.JobStateTimeLimitActions
                : TimeLimitRules.Check(request.JobStateTimeLimitActions),
        };
        return request.ComputeEnvironmentOrder is null
            ? updated
            : EnvironmentOrders.Attach(updated, request.ComputeEnvironmentOrder, environments);
    }

    /// <summary>Whether a queue may be deleted.</summary>
    /// <exception cref="BatchClientException">It may not.</exception>
    public static void CheckDelete(JobQueueConfiguration queue)
    {
        if (queue.State != "DISABLED")
        {
            throw new BatchClientException("Cannot delete, JobQueue state must be DISABLED");
        }

        if (queue.Status is not ("VALID" or "INVALID"))
        {
            throw new BatchClientException("Cannot delete, resource is being modified.");
        }
    }

    /// <summary>The environments that a create or update must look up: those of this scope, by name.</summary>
    public static IReadOnlyList<string> EnvironmentNames(IReadOnlyList<ComputeEnvironmentOrder>? orders, Scope scope) =>
    [
        .. (orders ?? [])
            .Select(order => order.ComputeEnvironment is { } text ? Arns.FindName(ResourceKind.ComputeEnvironment, text, scope) : null)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The environments that a create must look up.</summary>
    public static IReadOnlyList<string> EnvironmentNames(CreateJobQueueRequest request, Scope scope) =>
        EnvironmentNames(request.ComputeEnvironmentOrder, scope);

    /// <summary>The environments that an update must look up.</summary>
    public static IReadOnlyList<string> EnvironmentNames(UpdateJobQueueRequest request, Scope scope) =>
        EnvironmentNames(request.ComputeEnvironmentOrder, scope);

    /// <summary>The scheduling policy that a create or update must look up: of this scope, by name; null: none.</summary>
    public static string? PolicyName(string? schedulingPolicyArn, Scope scope) => string.IsNullOrEmpty(schedulingPolicyArn)
        ? null
        : Arns.FindName(ResourceKind.SchedulingPolicy, schedulingPolicyArn, scope);

    /// <summary>The name that an update or delete means.</summary>
    /// <exception cref="BatchClientException">There is none, or it is of another scope.</exception>
    public static string NameOf(string? nameOrArn, Scope scope) => string.IsNullOrEmpty(nameOrArn)
        ? throw new BatchClientException("jobQueue is required.")
        : Arns.NameOf(ResourceKind.JobQueue, nameOrArn, scope);

    /// <summary>Which queues a DescribeJobQueues means.</summary>
    /// <exception cref="BatchClientException">A value that is not allowed.</exception>
    public static NameListing List(DescribeJobQueuesRequest request, Scope scope) =>
        NameListing.Of(ResourceKind.JobQueue, request.JobQueues, request.MaxResults, request.NextToken, scope);

    /// <summary>Create's and Update's answer.</summary>
    public static JobQueueResponse Answer(ScopedName queue) => new()
    {
        JobQueueName = queue.Name,
        JobQueueArn = Arns.JobQueue(queue.Scope, queue.Name),
    };

    /// <summary>A queue, as DescribeJobQueues gives it.</summary>
    public static JobQueueDetail Describe(JobQueueConfiguration queue) => new()
    {
        JobQueueName = queue.Name.Name,
        JobQueueArn = Arns.JobQueue(queue.Name.Scope, queue.Name.Name),
        State = queue.State,
        Status = queue.Status,
        StatusReason = queue.StatusReason,
        Priority = queue.Priority,
        ComputeEnvironmentOrder =
        [
            .. queue.Environments.Zip(queue.Orders, (name, order) => new ComputeEnvironmentOrder
            {
                Order = order,
                ComputeEnvironment = Arns.ComputeEnvironment(queue.Name.Scope, name),
            }),
        ],
        JobQueueType = queue.JobQueueType,
        Tags = queue.Tags,
        JobStateTimeLimitActions = queue.JobStateTimeLimitActions ?? [],
        SchedulingPolicyArn = queue.SchedulingPolicy is { } policy ? Arns.SchedulingPolicy(queue.Name.Scope, policy) : null,
    };

    private static void CheckType(CreateJobQueueRequest request)
    {
        if (request.JobQueueType is { } type && !Types.Contains(type))
        {
            throw new BatchClientException($"Job queue type {type} is not valid. Valid values are: [{string.Join(", ", Types)}]");
        }

        var isForServices = request.ServiceEnvironmentOrder.IsGiven();
        if (isForServices && request.ComputeEnvironmentOrder is { Count: > 0 })
        {
            throw new BatchClientException("computeEnvironmentOrder and serviceEnvironmentOrder can not be used together.");
        }

        if (request.JobQueueType == "SAGEMAKER_TRAINING" && !isForServices)
        {
            throw new BatchClientException("Job queues of type SAGEMAKER_TRAINING must have serviceEnvironmentOrder.");
        }

        Unavailable.Refuse(request.ServiceEnvironmentOrder, "serviceEnvironmentOrder");
        if (request.JobQueueType is "EKS" or "ECS_MANAGED_INSTANCES")
        {
            throw Unavailable.Feature($"A job queue of type {request.JobQueueType}");
        }
    }

    private static void CheckPolicy(string? schedulingPolicyArn, SchedulingPolicyConfiguration? policy)
    {
        // An empty text is how some clients say: none.
        if (!string.IsNullOrEmpty(schedulingPolicyArn) && policy is null)
        {
            throw new BatchClientException($"SchedulingPolicy {schedulingPolicyArn} not found.");
        }
    }

    private static void CheckPolicyChange(JobQueueConfiguration queue, string? schedulingPolicyArn)
    {
        switch (queue.SchedulingPolicy, schedulingPolicyArn)
        {
            case (null, { Length: > 0 }):
                throw new BatchClientException($"Job queue {queue.Name.Name} has no scheduling policy and can get none: fair share is chosen when a queue is created.");
            case (not null, ""):
                throw new BatchClientException($"The schedulingPolicyArn of job queue {queue.Name.Name} can be replaced, not removed.");
        }
    }

    private static void CheckState(string? state)
    {
        if (state is not (null or "ENABLED" or "DISABLED"))
        {
            throw new BatchClientException($"state {state} is not valid. Valid values are: [ENABLED, DISABLED]");
        }
    }

    private static void CheckPriority(int priority)
    {
        if (priority < 0)
        {
            throw new BatchClientException($"priority is {priority}, it must be at least 0.");
        }
    }
}
