using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Builds rows: a case names only what it is about.</summary>
internal static class AJob
{
    public static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly Scope Scope = new("123456789012", "us-east-1");

    public static readonly ScopedName Queue = new(Scope, "default");

    public static NewJob New(
        string jobId,
        JobState? state = null,
        Scope? scope = null,
        string queue = "default",
        string name = "hello",
        string definition = "shell",
        int revision = 1,
        int createdAfterMilliseconds = 0) =>
        new(jobId, scope ?? Scope, Noon.AddMilliseconds(createdAfterMilliseconds), Spec(queue, name, definition, revision), state ?? Waiting);

    public static JobStep Step(params ReadOnlySpan<NewJob> inserts) => new() { Inserts = [.. inserts] };

    public static JobStep Write(string jobId, long expectedVersion, JobState state) => new() { Writes = [new(jobId, expectedVersion, state)] };

    /// <summary>A move that makes these events.</summary>
    public static JobMove Move(JobState state, params JobChange[] changes) => new(state, [.. changes], []);

    public static JobChange Change(JobStatus status, string? reason = null, int attempts = 0) =>
        new(JobChangeKind.StateChange, Noon, status, reason, attempts, IsCancelled: false, IsTerminated: false);

    public static JobState Waiting { get; } = new() { Status = JobStatus.Runnable };

    public static JobState WaitingAgain { get; } = new() { Status = JobStatus.Runnable, Fence = 1, Attempts = [Attempt(1)] };

    public static JobState In(JobStatus status) => status switch
    {
        JobStatus.Runnable => Waiting,
        JobStatus.Starting => Placed(status),
        JobStatus.Running => Placed(status) with { StartedAt = Noon.AddSeconds(1) },
        JobStatus.Succeeded => Ended(status, 0),
        JobStatus.Failed => Ended(status, 1),
        _ => new() { Status = status },
    };

    public static JobState Placed(JobStatus status, string environment = "local", string node = "i-0123456789abcdef0") => new()
    {
        Status = status,
        Fence = 1,
        Placement = new()
        {
            Environment = environment,
            Epoch = 3,
            ReservationId = "reservation",
            NodeId = node,
            Incarnation = "boot/1",
            TaskArn = "arn:aws:ecs:us-east-1:123456789012:task/one",
            LogStream = "shell/default/one",
            StartedAt = status == JobStatus.Running ? Noon.AddSeconds(1) : null,
        },
    };

    private static JobState Ended(JobStatus status, int exitCode) => new()
    {
        Status = status,
        StatusReason = "Essential container in task exited",
        Fence = 1,
        Attempts = [Attempt(exitCode)],
        StartedAt = Noon.AddSeconds(1),
        StoppedAt = Noon.AddSeconds(2),
    };

    private static JobAttempt Attempt(int exitCode) => new()
    {
        StartedAt = Noon.AddSeconds(1),
        StoppedAt = Noon.AddSeconds(2),
        StatusReason = "Essential container in task exited",
        ExitCode = exitCode,
        TaskArn = "arn:aws:ecs:us-east-1:123456789012:task/one",
        LogStream = "shell/default/one",
    };

    private static JobSpec Spec(string queue, string name, string definition, int revision) => new()
    {
        JobName = name,
        JobQueue = queue,
        DefinitionName = definition,
        DefinitionRevision = revision,
        PlatformCapability = "EC2",
        Needs = new() { VcpuMillis = 1_500, MemoryMiB = 512, Gpus = 1 },
        RetryStrategy = new() { Attempts = 2, EvaluateOnExit = [new() { OnExitCode = "1*", Action = "retry" }] },
        Timeout = new() { AttemptDurationSeconds = 60 },
        Container = new()
        {
            Image = "busybox",
            Command = ["echo", "Ref::größe", "\"quoted\" \n 𝄞"],
            Environment = [new() { Name = "EMPTY", Value = "" }, new() { Name = "NONE" }],
            Privileged = false,
            Ulimits = [new() { Name = "nofile", SoftLimit = 0, HardLimit = 4_096 }],
        },
        Parameters = new Dictionary<string, string> { ["Größe"] = "12", ["camelCase"] = "" },
        Tags = new Dictionary<string, string> { ["Team"] = "a/b" },
        PropagateTags = true,
    };
}
