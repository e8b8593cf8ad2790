using OrleansBatch.Api.Operations;

namespace OrleansBatch.Api;

/// <summary>Every operation of the service, those that are not there yet included.</summary>
/// <remarks>Source: AWS Batch API, version 2016-08-10, with the operations that newer models add.</remarks>
internal static class OperationIndex
{
    private const string LogsTarget = "Logs_20140328.";

    /// <summary>Operations that are served.</summary>
    public static IReadOnlyList<Operation> Available { get; } =
    [
        CreateComputeEnvironment.Operation,
        UpdateComputeEnvironment.Operation,
        DeleteComputeEnvironment.Operation,
        DescribeComputeEnvironments.Operation,
        CreateJobQueue.Operation,
        UpdateJobQueue.Operation,
        DeleteJobQueue.Operation,
        DescribeJobQueues.Operation,
        CreateSchedulingPolicy.Operation,
        UpdateSchedulingPolicy.Operation,
        DeleteSchedulingPolicy.Operation,
        DescribeSchedulingPolicies.Operation,
        ListSchedulingPolicies.Operation,
        CreateConsumableResource.Operation,
        UpdateConsumableResource.Operation,
        DeleteConsumableResource.Operation,
        DescribeConsumableResource.Operation,
        ListConsumableResources.Operation,
        RegisterJobDefinition.Operation,
        DeregisterJobDefinition.Operation,
        DescribeJobDefinitions.Operation,
        SubmitJob.Operation,
        DescribeJobs.Operation,
        ListJobs.Operation,
        CancelJob.Operation,
        TerminateJob.Operation,
        CancelJobs.Operation,
        GetJobQueueSnapshot.Operation,
        ListJobsByConsumableResource.Operation,
        TerminateJobs.Operation,
    ];

    /// <summary>Operations under <c>/v1</c> that are known and not there yet.</summary>
    /// <remarks>A known path must never answer 404: clients take that for a missing resource.</remarks>
    public static IReadOnlyList<string> Later { get; } =
    [
        "CreateQuotaShare", "CreateServiceEnvironment",
        "DeleteQuotaShare", "DeleteServiceEnvironment",
        "DescribeQuotaShare", "DescribeServiceEnvironments", "DescribeServiceJob",
        "ListQuotaShares",
        "ListServiceJobs", "SubmitServiceJob", "TerminateServiceJob", "TerminateServiceJobs",
        "UpdateQuotaShare", "UpdateServiceEnvironment", "UpdateServiceJob",
    ];

    /// <summary>Operations on the tags of the resource in the path, told apart by their method.</summary>
    public static IReadOnlyList<Operation> OnTags { get; } = [ListTagsForResource.Operation, TagResource.Operation, UntagResource.Operation];

    /// <summary>Operations of CloudWatch Logs.</summary>
    public static IReadOnlyList<Operation> OnLogs { get; } =
        [GetLogEvents.Operation, FilterLogEvents.Operation, DescribeLogStreams.Operation, DescribeLogGroups.Operation];

    /// <summary>The operation that an <c>X-Amz-Target</c> header names; null when there is none such.</summary>
    public static Operation? ByTarget(string target) => OnLogs.FirstOrDefault(operation => target == LogsTarget + operation.Name);
}
