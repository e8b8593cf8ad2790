using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class TerminateTests
{
    private static readonly RetryStrategy Five = AJob.Attempts(5, new EvaluateOnExit { OnReason = "*", Action = "retry" });

    private static readonly Terminated Terminate = new("end it", AJob.At(5));

    [Theory]
    [InlineData(Submitted)]
    [InlineData(Pending)]
    [InlineData(Runnable)]
    public void A_job_that_has_not_started_fails_at_once_with_the_callers_words(JobStatus before)
    {
        var job = AJob.In(before).Then(Terminate);

        Assert.Equal((Failed, "end it", AJob.At(5)), (job.Status, job.StatusReason, job.StoppedAt));
        Assert.Equal((false, true), (job.IsCancelled, job.IsTerminated));
        Assert.Empty(job.Attempts);
        Assert.False(JobTransitions.NeedsStop(job));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(143)]
    public void What_runs_fails_whatever_its_exit_code(int exitCode)
    {
        var stopping = AJob.In(Running).Then(Five, Terminate);
        Assert.Equal((Running, true, "end it"), (stopping.Status, stopping.IsTerminated, stopping.StopReason));
        Assert.True(JobTransitions.NeedsStop(stopping));

        var job = stopping.Then(Five, new Exited(1, exitCode, null, null, AJob.At(10)));
        Assert.Equal((Failed, "end it", AJob.At(10)), (job.Status, job.StatusReason, job.StoppedAt));
        var attempt = Assert.Single(job.Attempts);
        Assert.Equal((exitCode, "Essential container in task exited"), (attempt.ExitCode, attempt.StatusReason));
        Assert.False(JobTransitions.NeedsStop(job));
    }

    [Fact]
    public void A_start_is_abandoned_and_its_attempt_recorded_without_exit_code()
    {
        var job = AJob.In(Starting).Then(Five, Terminate, new Refused(1, AJob.At(6)));

        Assert.Equal((Failed, "end it", null), (job.Status, job.StatusReason, job.StartedAt));
        var attempt = Assert.Single(job.Attempts);
        Assert.Equal((null, null, null, "end it"), (attempt.StartedAt, attempt.ExitCode, attempt.LogStream, attempt.StatusReason));
    }

    [Fact]
    public void A_process_that_starts_all_the_same_is_running_until_it_is_gone()
    {
        var job = AJob.In(Starting).Then(Five, Terminate, new Started(1, AJob.At(6)));

        Assert.Equal(Running, job.Status);
        Assert.True(JobTransitions.NeedsStop(job));
        var ended = job.Then(Five, new Exited(1, 137, null, null, AJob.At(7)));
        Assert.Equal((Failed, "end it"), (ended.Status, ended.StatusReason));
    }

    [Theory]
    [InlineData(Succeeded)]
    [InlineData(Failed)]
    public void What_has_ended_stays_as_it_is(JobStatus before)
    {
        var job = AJob.In(before);

        Assert.Equal(job, job.Then(Terminate));
    }

    [Fact]
    public void Terminate_after_cancel_escalates()
    {
        var job = AJob.In(Running).Then(Five, new Cancelled("softly", AJob.At(4)), Terminate);

        Assert.Equal((true, true, "end it"), (job.IsCancelled, job.IsTerminated, job.StopReason));
        var ended = job.Then(Five, new Exited(1, 0, null, null, AJob.At(6)));
        Assert.Equal((Failed, "end it"), (ended.Status, ended.StatusReason));
    }

    [Fact]
    public void A_job_that_a_cancel_ended_stays_as_it_is()
    {
        var job = AJob.In(Runnable).Then(new Cancelled("softly", AJob.At(4)));

        Assert.Equal(job, job.Then(Terminate));
    }

    [Theory]
    [InlineData(Starting)]
    [InlineData(Running)]
    public void Cancel_after_terminate_changes_nothing(JobStatus before)
    {
        var job = AJob.In(before).Then(Terminate);

        Assert.Equal(job, job.Then(new Cancelled("softly", AJob.At(6))));
    }

    [Fact]
    public void A_second_terminate_keeps_the_first_reason()
    {
        var job = AJob.In(Running).Then(Terminate);

        Assert.Equal(job, job.Then(new Terminated("again", AJob.At(6))));
    }

    [Fact]
    public void An_exit_that_was_recorded_first_stands()
    {
        var job = AJob.In(Running).Then(new Exited(1, 0, null, null, AJob.At(4)), Terminate);

        Assert.Equal((Succeeded, false), (job.Status, job.IsTerminated));
    }

    [Fact]
    public void Time_out_or_host_loss_during_the_stop_is_still_the_terminate()
    {
        var stopping = AJob.In(Running).Then(Five, Terminate);

        var timedOut = stopping.Then(Five, new TimedOut(1, 137, null, AJob.At(9)));
        Assert.Equal((Failed, "end it"), (timedOut.Status, timedOut.StatusReason));
        Assert.Equal("Job attempt duration exceeded timeout", Assert.Single(timedOut.Attempts).StatusReason);

        var lost = stopping.Then(Five, new HostLost(1, AJob.At(9)));
        Assert.Equal((Failed, "end it"), (lost.Status, lost.StatusReason));
        Assert.Null(Assert.Single(lost.Attempts).ExitCode);
    }

    [Theory]
    [InlineData(Submitted)]
    [InlineData(Pending)]
    [InlineData(Runnable)]
    public void Deleting_the_queue_ends_what_has_not_started(JobStatus before)
    {
        var job = AJob.In(before).Then(new QueueDeleted(AJob.At(5)));

        Assert.Equal((Failed, "JobQueue deleted", AJob.At(5)), (job.Status, job.StatusReason, job.StoppedAt));
        Assert.Equal((false, false), (job.IsCancelled, job.IsTerminated));
    }

    [Theory]
    [InlineData(Starting)]
    [InlineData(Running)]
    public void Deleting_the_queue_stops_what_runs_and_it_is_not_tried_again(JobStatus before)
    {
        var stopping = AJob.In(before).Then(Five, new QueueDeleted(AJob.At(5)));
        Assert.True(JobTransitions.NeedsStop(stopping));

        var job = stopping.Then(Five, new Exited(1, 143, null, AJob.At(3), AJob.At(6)));
        Assert.Equal((Failed, "JobQueue deleted"), (job.Status, job.StatusReason));
    }

    [Fact]
    public void The_first_reason_to_stop_stays_whoever_gave_it()
    {
        Assert.Equal("end it", AJob.In(Running).Then(Terminate, new QueueDeleted(AJob.At(6))).StopReason);

        var deletedFirst = AJob.In(Running).Then(new QueueDeleted(AJob.At(4)), Terminate);
        Assert.Equal(("JobQueue deleted", true), (deletedFirst.StopReason, deletedFirst.IsTerminated));
    }
}
