namespace OrleansBatch.Core.Jobs;

/// <summary>Why a job or attempt is in its status, in AWS Batch's words. Clients match on them: never reword one.</summary>
/// <remarks>Source: AWS Batch user guide and texts seen from the live service.</remarks>
public static class StatusReasons
{
    /// <summary>The container ended by itself: for success and failure alike.</summary>
    public const string ContainerExited = "Essential container in task exited";

    /// <summary>The attempt could not be started; the container's reason says why.</summary>
    public const string FailedToStart = "Task failed to start";

    /// <summary>The attempt ran longer than its timeout.</summary>
    public const string TimedOut = "Job attempt duration exceeded timeout";

    /// <summary>A job that it depends on FAILED.</summary>
    public const string DependencyFailed = "Dependent Job failed";

    /// <summary>A child of the array FAILED.</summary>
    public const string ChildFailed = "Array Child Job failed";

    /// <summary>Of ours, of a node that is stopped because the main node's attempt is over.</summary>
    public const string MainNodeEnded = "Main node exited";

    /// <summary>Its queue was deleted.</summary>
    public const string QueueDeleted = "JobQueue deleted";

    /// <summary>The overrides of the submission are too large for a task.</summary>
    public const string OverridesTooLong = "Container Overrides length must be at most 8192";

    /// <summary>Of ours: job and definition together have more tags than a task can carry.</summary>
    public const string TooManyTags = "Tags of job and job definition together must be at most 50";

    /// <summary>Every environment's maximum of vCPUs is below what the job at the queue's head needs.</summary>
    public const string ExceedsMaximumVcpus =
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement of the job.";

    /// <summary>No environment has a host that is large enough.</summary>
    public const string ExceedsResources =
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.";

    /// <summary>Every environment is INVALID.</summary>
    public const string EnvironmentsInvalid = "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.";

    /// <summary>Blocked for any other reason, such as DISABLED environments.</summary>
    public const string Undetermined = "UNDETERMINED - Batch job is blocked, root cause is undetermined.";

    /// <summary>The host was lost or reclaimed.</summary>
    public static string HostTerminated(string nodeId) => $"Host EC2 (instance {nodeId}) terminated.";

    /// <summary>It blocked its queue longer than the queue allows.</summary>
    /// <param name="reason">The action's reason.</param>
    public static string TimeLimit(string reason) => $"Canceled by JobStateTimeLimit action due to reason: {reason}";

    /// <summary>A container's own reason, at most 255 characters of it.</summary>
    public static string? OfContainer(string? reason) => reason is { Length: > 255 } ? reason[..255] : reason;
}
