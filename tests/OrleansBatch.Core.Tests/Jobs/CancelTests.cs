using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class CancelTests
{
    private static readonly Cancelled Cancel = new("no longer wanted", AJob.At(5));

    [Theory]
    [InlineData(Submitted)]
    [InlineData(Pending)]
    [InlineData(Runnable)]
    public void A_job_that_has_not_started_fails_at_once_with_the_callers_words(JobStatus before)
    {
        var job = AJob.In(before).Then(Cancel);

        Assert.Equal(Failed, job.Status);
        Assert.Equal("no longer wanted", job.StatusReason);
        Assert.Equal((true, false), (job.IsCancelled, job.IsTerminated));
        Assert.Equal(AJob.At(5), job.StoppedAt);
        Assert.Null(job.StartedAt);
        Assert.Empty(job.Attempts);
    }

    [Fact]
    public void Between_attempts_it_fails_at_once_and_keeps_what_had_run()
    {
        var job = AJob.BetweenAttempts().Then(AJob.Attempts(3), Cancel);

        Assert.Equal((Failed, "no longer wanted", true), (job.Status, job.StatusReason, job.IsCancelled));
        Assert.Equal(AJob.At(1), job.StartedAt);
        Assert.Single(job.Attempts);
    }

    [Fact]
    public void A_blocked_jobs_reason_is_overwritten() =>
        Assert.Equal("no longer wanted", AJob.In(Runnable).Then(new Blocked("UNDETERMINED - …", AJob.At(1)), Cancel).StatusReason);

    [Theory]
    [InlineData(Starting)]
    [InlineData(Running)]
    public void What_runs_goes_on_and_may_succeed(JobStatus before)
    {
        var going = AJob.In(before).Then(AJob.Attempts(5), Cancel);
        Assert.Equal((before, true, null, null), (going.Status, going.IsCancelled, going.StatusReason, going.StopReason));

        var ended = going.Then(AJob.Attempts(5), new Exited(1, 0, null, AJob.At(6), AJob.At(7)));
        Assert.Equal((Succeeded, "Essential container in task exited", true), (ended.Status, ended.StatusReason, ended.IsCancelled));
    }

    [Theory]
    [InlineData(Starting)]
    [InlineData(Running)]
    public void What_runs_is_not_tried_again_and_fails_for_its_own_reason(JobStatus before)
    {
        var going = AJob.In(before).Then(AJob.Attempts(5), Cancel);

        var exited = going.Then(AJob.Attempts(5), new Exited(1, 3, null, AJob.At(6), AJob.At(7)));
        Assert.Equal((Failed, "Essential container in task exited"), (exited.Status, exited.StatusReason));

        var lost = going.Then(AJob.Attempts(5), new HostLost(1, AJob.At(7)));
        Assert.Equal((Failed, $"Host EC2 (instance {AJob.NodeId}) terminated."), (lost.Status, lost.StatusReason));
    }

    [Fact]
    public void A_start_that_fails_after_it_is_not_tried_again()
    {
        var job = AJob.In(Starting).Then(AJob.Attempts(5), Cancel, new FailedToStart(1, "CannotStartContainerError: no", AJob.At(6)));

        Assert.Equal((Failed, "Task failed to start"), (job.Status, job.StatusReason));
    }

    [Theory]
    [InlineData(Succeeded)]
    [InlineData(Failed)]
    public void What_has_ended_stays_as_it_is(JobStatus before)
    {
        var job = AJob.In(before);

        Assert.Equal(job, job.Then(Cancel));
    }

    [Fact]
    public void A_second_cancel_changes_nothing()
    {
        var once = AJob.In(Running).Then(Cancel);

        Assert.Equal(once, once.Then(new Cancelled("again", AJob.At(6))));
    }
}
