namespace OrleansBatch.Model.Jobs;

/// <summary>Where a job is in its life.</summary>
/// <remarks>Source: AWS Batch user guide, "Job states". The numbers are stored: never renumber.</remarks>
[GenerateSerializer, Alias("OrleansBatch.JobStatus")]
public enum JobStatus
{
    /// <summary>Accepted, not yet looked at.</summary>
    Submitted = 0,

    /// <summary>Waits for another job.</summary>
    Pending = 1,

    /// <summary>Waits in its queue for a place.</summary>
    Runnable = 2,

    /// <summary>Placed; its process or container is being started.</summary>
    Starting = 3,

    /// <summary>Its process or container is up.</summary>
    Running = 4,

    /// <summary>Ended with exit code 0. Final.</summary>
    Succeeded = 5,

    /// <summary>Ended in any other way. Final.</summary>
    Failed = 6,
}

/// <summary>Groups of statuses that rules speak of.</summary>
public static class JobStatuses
{
    /// <summary>Whether the status never changes again.</summary>
    public static bool IsTerminal(this JobStatus status) => status is JobStatus.Succeeded or JobStatus.Failed;

    /// <summary>Whether the job holds capacity: placed and not ended.</summary>
    public static bool IsPlaced(this JobStatus status) => status is JobStatus.Starting or JobStatus.Running;

    /// <summary>The word on the wire, such as <c>RUNNABLE</c>.</summary>
    public static string ToWire(this JobStatus status) => status switch
    {
        JobStatus.Submitted => "SUBMITTED",
        JobStatus.Pending => "PENDING",
        JobStatus.Runnable => "RUNNABLE",
        JobStatus.Starting => "STARTING",
        JobStatus.Running => "RUNNING",
        JobStatus.Succeeded => "SUCCEEDED",
        JobStatus.Failed => "FAILED",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such job status."),
    };

    /// <summary>Reads the word on the wire; case-sensitive. Null when it is none.</summary>
    public static JobStatus? FromWire(string text) => text switch
    {
        "SUBMITTED" => JobStatus.Submitted,
        "PENDING" => JobStatus.Pending,
        "RUNNABLE" => JobStatus.Runnable,
        "STARTING" => JobStatus.Starting,
        "RUNNING" => JobStatus.Running,
        "SUCCEEDED" => JobStatus.Succeeded,
        "FAILED" => JobStatus.Failed,
        _ => null,
    };
}
