using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class AttemptTests
{
    private static readonly RetryStrategy Three = AJob.Attempts(3);

    [Fact]
    public void A_placement_begins_an_attempt_with_the_next_fence_and_clears_the_waiting_reason()
    {
        var job = AJob.In(Runnable).Then(new Blocked("UNDETERMINED - …", AJob.At(1)), new Placed(AJob.Place()));

        Assert.Equal((Starting, 1, null), (job.Status, job.Fence, job.StatusReason));
        Assert.Equal(AJob.Place(), job.Placement);
        Assert.Equal(2, AJob.BetweenAttempts().Then(Three, new Placed(AJob.Place("r-2"))).Fence);
    }

    [Theory]
    [InlineData(1, "its node", false)]
    [InlineData(1, "another", true)]
    [InlineData(0, "another", false)]
    public void Of_a_live_attempt_only_its_own_node_reports(long fence, string nodeId, bool isElsewhere)
    {
        var job = AJob.In(Runnable).Then(new Placed(AJob.Place() with { NodeId = "its node" }));

        Assert.Equal(isElsewhere, Placements.IsElsewhere(job, fence, nodeId));
    }

    [Fact]
    public void A_start_is_dated_on_job_and_placement()
    {
        var job = AJob.In(Running);

        Assert.Equal((AJob.At(1), AJob.At(1)), (job.StartedAt, job.Placement!.StartedAt));
    }

    [Fact]
    public void An_exit_is_recorded_with_all_that_is_known_of_the_attempt()
    {
        var job = AJob.In(Running).Then(new Exited(1, 137, "OutOfMemoryError: Container killed due to memory usage", null, AJob.At(4)));

        Assert.Equal(
            new JobAttempt
            {
                StartedAt = AJob.At(1),
                StoppedAt = AJob.At(4),
                StatusReason = "Essential container in task exited",
                ExitCode = 137,
                Reason = "OutOfMemoryError: Container killed due to memory usage",
                TaskArn = "arn:task/task-1",
                ContainerInstanceArn = "arn:instance/1",
                LogStream = "sleep/default/task-1",
            },
            Assert.Single(job.Attempts));
        Assert.Equal((null, AJob.At(1), AJob.At(4)), (job.Placement, job.StartedAt, job.StoppedAt));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(143)]
    public void What_was_stopped_because_its_host_is_taken_away_ends_as_a_lost_host_whatever_the_process_says(int exitCode)
    {
        var reclaimed = AJob.In(Running).Then(Three, new HostReclaimed(1));

        Assert.True(JobTransitions.NeedsStop(reclaimed));
        var job = reclaimed.Then(Three, new Exited(1, exitCode, null, null, AJob.At(4)));
        var attempt = Assert.Single(job.Attempts);
        Assert.Equal((Runnable, StatusReasons.HostTerminated(reclaimed.Placement!.NodeId), (int?)exitCode), (job.Status, attempt.StatusReason, attempt.ExitCode));
        Assert.False(JobTransitions.NeedsStop(job));
    }

    [Fact]
    public void What_is_reclaimed_before_it_started_and_then_refused_was_a_lost_host_too()
    {
        var job = AJob.In(Starting).Then(Three, new HostReclaimed(1), new Refused(1, AJob.At(4)));

        Assert.Equal((Runnable, "Host EC2 (instance i-0123456789abcdef0) terminated."), (job.Status, job.Attempts[^1].StatusReason));
    }

    [Fact]
    public void A_terminate_counts_more_than_a_host_that_is_taken_away()
    {
        var job = AJob.In(Running).Then(Three, new HostReclaimed(1), new Terminated("enough", AJob.At(3)), new Exited(1, 143, null, null, AJob.At(4)));

        Assert.Equal((Failed, "enough"), (job.Status, job.StatusReason));
    }

    [Fact]
    public void A_cancelled_job_whose_host_is_taken_away_is_not_tried_again()
    {
        var job = AJob.In(Running).Then(Three, new Cancelled("enough", AJob.At(2)), new HostReclaimed(1), new Exited(1, 143, null, null, AJob.At(4)));

        Assert.Equal((Failed, StatusReasons.HostTerminated("i-0123456789abcdef0")), (job.Status, job.StatusReason));
    }

    [Fact]
    public void An_attempt_that_never_ran_has_no_start_no_log_and_no_exit_code_but_counts()
    {
        var job = AJob.In(Starting).Then(AJob.Attempts(1), new FailedToStart(1, "CannotStartContainerError: no such file", AJob.At(3)));

        Assert.Equal((Failed, "Task failed to start", null), (job.Status, job.StatusReason, job.StartedAt));
        var attempt = Assert.Single(job.Attempts);
        Assert.Equal((null, null, null), (attempt.StartedAt, attempt.LogStream, attempt.ExitCode));
        Assert.Equal(("CannotStartContainerError: no such file", AJob.At(3)), (attempt.Reason, attempt.StoppedAt));
    }

    [Fact]
    public void A_containers_reason_is_kept_to_255_characters()
    {
        var job = AJob.In(Starting).Then(new FailedToStart(1, new string('x', 300), AJob.At(3)));

        Assert.Equal(255, Assert.Single(job.Attempts).Reason!.Length);
    }

    [Fact]
    public void An_exit_heard_before_the_start_still_gives_the_start()
    {
        var job = AJob.In(Starting).Then(new Exited(1, 0, null, AJob.At(2), AJob.At(3)));
        Assert.Equal((Succeeded, AJob.At(2)), (job.Status, job.StartedAt));

        var undated = AJob.In(Starting).Then(new Exited(1, 0, null, null, AJob.At(3)));
        Assert.Equal((Succeeded, AJob.At(3)), (undated.Status, undated.StartedAt));
    }

    [Fact]
    public void The_first_known_start_stays() =>
        Assert.Equal(AJob.At(1), AJob.In(Running).Then(new Exited(1, 0, null, AJob.At(2), AJob.At(3))).StartedAt);

    [Fact]
    public void A_retry_keeps_the_start_and_forgets_place_and_reason()
    {
        var job = AJob.BetweenAttempts();

        Assert.Equal((Runnable, AJob.At(1), null, null), (job.Status, job.StartedAt, job.StoppedAt, job.StatusReason));
        Assert.Null(job.Placement);
        Assert.Equal(AJob.At(1), job.Then(Three, new Placed(AJob.Place("r-2"))).StartedAt);
    }

    [Fact]
    public void Blocked_says_why_and_unblocked_takes_it_back()
    {
        var blocked = AJob.In(Runnable).Then(new Blocked("UNDETERMINED - …", AJob.At(1)));
        Assert.Equal("UNDETERMINED - …", blocked.StatusReason);

        Assert.Null(blocked.Then(new Unblocked()).StatusReason);
    }

    [Fact]
    public void Reports_of_an_attempt_that_is_over_change_nothing_in_the_next_one()
    {
        var second = AJob.BetweenAttempts().Then(Three, new Placed(AJob.Place("r-2", "task-2")));

        Assert.Equal(second, second.Then(Three, new Started(1, AJob.At(9)), new Exited(1, 0, null, null, AJob.At(9)), new HostLost(1, AJob.At(9))));
    }

    [Fact]
    public void A_short_attempts_report_brings_its_start_along() =>
        Assert.Equal<JobEvent>(
            [new Started(2, AJob.At(1)), new Exited(2, 0, null, AJob.At(1), AJob.At(3))],
            From(Report(AttemptOutcome.Exited, AJob.At(1), AJob.At(3), exitCode: 0)));

    [Fact]
    public void A_report_of_an_exit_that_nobody_dated_starts_it_at_its_end() =>
        Assert.Equal<JobEvent>(
            [new Started(2, AJob.At(3)), new Exited(2, 143, null, null, AJob.At(3))],
            From(Report(AttemptOutcome.Exited, null, AJob.At(3), exitCode: 143)));

    [Fact]
    public void Other_reports_say_what_happened()
    {
        Assert.Equal<JobEvent>([new Started(2, AJob.At(1))], From(Report(AttemptOutcome.Started, AJob.At(1), null)));
        Assert.Equal<JobEvent>(
            [new Started(2, AJob.At(1)), new TimedOut(2, 137, AJob.At(1), AJob.At(61))],
            From(Report(AttemptOutcome.TimedOut, AJob.At(1), AJob.At(61), exitCode: 137)));
        Assert.Equal<JobEvent>(
            [new FailedToStart(2, "CannotStartContainerError: no", AJob.At(3))],
            From(Report(AttemptOutcome.FailedToStart, null, AJob.At(3), reason: "CannotStartContainerError: no")));
        Assert.Equal<JobEvent>([new Refused(2, AJob.At(3))], From(Report(AttemptOutcome.Refused, null, AJob.At(3))));
        Assert.Equal<JobEvent>([new HostLost(2, AJob.At(3))], From(Report(AttemptOutcome.Lost, null, AJob.At(3))));
        Assert.Equal<JobEvent>(
            [new Started(2, AJob.At(1)), new HostLost(2, AJob.At(3))], From(Report(AttemptOutcome.Lost, AJob.At(1), AJob.At(3))));
    }

    [Fact]
    public void What_ran_and_is_refused_by_an_agent_that_lost_its_journal_was_lost_with_it()
    {
        var job = AJob.In(JobStatus.Running).Then(new Refused(1, AJob.At(3)));

        Assert.Equal((JobStatus.Failed, StatusReasons.HostTerminated(AJob.NodeId)), (job.Status, job.StatusReason));
    }

    [Theory]
    [InlineData(AttemptOutcome.Started)]
    [InlineData(AttemptOutcome.Exited)]
    [InlineData(AttemptOutcome.Lost)]
    [InlineData((AttemptOutcome)99)]
    public void A_report_that_lacks_what_it_needs_is_a_broken_one(AttemptOutcome outcome) =>
        Assert.Throws<ArgumentException>(() => From(Report(outcome, null, null)));

    private static AttemptReport Report(
        AttemptOutcome outcome, DateTimeOffset? startedAt, DateTimeOffset? stoppedAt, int? exitCode = null, string? reason = null) => new()
        {
            Attempt = new(AJob.Id, 2),
            ReservationId = "r-2",
            EnvironmentKey = "123456789012/eu-central-1/local",
            Outcome = outcome,
            StartedAt = startedAt,
            StoppedAt = stoppedAt,
            ExitCode = exitCode,
            Reason = reason,
        };
}
