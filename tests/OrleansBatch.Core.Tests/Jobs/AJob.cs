using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>Jobs in any status, reached the way a job reaches it.</summary>
internal static class AJob
{
    public static readonly DateTimeOffset T0 = new(2026, 1, 11, 23, 36, 40, TimeSpan.Zero);

    public static readonly Scope Home = new("123456789012", "eu-central-1");

    public const string Id = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    public const string NodeId = "i-0123456789abcdef0";

    /// <summary>Seconds after the job's beginning.</summary>
    public static DateTimeOffset At(int seconds) => T0.AddSeconds(seconds);

    public static RetryStrategy Attempts(int attempts, params EvaluateOnExit[] rules) => new() { Attempts = attempts, EvaluateOnExit = rules };

    public static JobPlacement Place(string reservationId = "r-1", string taskId = "task-1") => new()
    {
        Environment = "local",
        Epoch = 1,
        ReservationId = reservationId,
        NodeId = NodeId,
        Incarnation = "boot-1",
        TaskArn = "arn:task/" + taskId,
        ContainerInstanceArn = "arn:instance/1",
        LogStream = "sleep/default/" + taskId,
    };

    public static JobState In(JobStatus status) => status switch
    {
        JobStatus.Submitted => JobTransitions.New(),
        JobStatus.Pending => After(new JobEvent.Accepted(HasDependencies: true)),
        JobStatus.Runnable => After(new JobEvent.Accepted(HasDependencies: false)),
        JobStatus.Starting => In(JobStatus.Runnable).Then(new JobEvent.Placed(Place())),
        JobStatus.Running => In(JobStatus.Starting).Then(new JobEvent.Started(1, At(1))),
        JobStatus.Succeeded => In(JobStatus.Running).Then(new JobEvent.Exited(1, 0, null, null, At(2))),
        JobStatus.Failed => In(JobStatus.Running).Then(new JobEvent.Exited(1, 1, null, null, At(2))),
        _ => throw new ArgumentOutOfRangeException(nameof(status)),
    };

    /// <summary>A job that failed its first attempt and waits for its second.</summary>
    public static JobState BetweenAttempts() => In(JobStatus.Running).Then(Attempts(3), new JobEvent.Exited(1, 1, null, null, At(2)));

    public static JobState After(params JobEvent[] events) => JobTransitions.New().Then(events);

    public static JobState Then(this JobState job, params JobEvent[] events) => job.Then(Attempts(1), events);

    public static JobState Then(this JobState job, RetryStrategy strategy, params JobEvent[] events) =>
        events.Aggregate(job, (state, happened) => JobTransitions.Next(state, strategy, happened));
}
