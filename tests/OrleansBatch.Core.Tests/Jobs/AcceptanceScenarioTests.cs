using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>The specification's acceptance scenarios, as far as Core decides them; the numbers are its.</summary>
public sealed class AcceptanceScenarioTests
{
    private static readonly EvaluateOnExit RetryOnHostLoss = new() { OnStatusReason = "Host EC2*", Action = "RETRY" };

    private static readonly EvaluateOnExit ElseExit = new() { OnReason = "*", Action = "EXIT" };

    [Fact]
    public void Scenario_01_a_cancelled_running_job_that_exits_0_succeeds()
    {
        var job = AJob.In(Running).Then(AJob.Attempts(5), new Cancelled("late", AJob.At(2)), new Exited(1, 0, null, null, AJob.At(3)));

        Assert.Equal((Succeeded, true, 1), (job.Status, job.IsCancelled, job.Attempts.Length));
    }

    [Fact]
    public void Scenario_02_a_cancelled_running_job_that_exits_1_fails_and_is_never_runnable_again()
    {
        var job = AJob.In(Running).Then(AJob.Attempts(5), new Cancelled("late", AJob.At(2)), new Exited(1, 1, null, null, AJob.At(3)));

        Assert.Equal((Failed, true, 1), (job.Status, job.IsCancelled, job.Attempts.Length));
    }

    [Fact]
    public void Scenario_03_a_terminated_job_that_traps_SIGTERM_and_exits_0_fails_with_that_code()
    {
        var strategy = AJob.Attempts(5, new EvaluateOnExit { OnReason = "*", Action = "RETRY" });

        var job = AJob.In(Running).Then(strategy, new Terminated("end it", AJob.At(2)), new Exited(1, 0, null, null, AJob.At(7)));

        Assert.Equal((Failed, "end it"), (job.Status, job.StatusReason));
        Assert.Equal(0, Assert.Single(job.Attempts).ExitCode);
    }

    [Fact]
    public void Scenario_05_a_blocked_job_that_is_terminated_carries_the_callers_reason()
    {
        var job = AJob.In(Runnable).Then(new Blocked(StatusReasons.ExceedsResources, AJob.At(1)), new Terminated("end it", AJob.At(2)));

        Assert.Equal((Failed, "end it", AJob.At(2)), (job.Status, job.StatusReason, job.StoppedAt));
        Assert.Empty(job.Attempts);
    }

    [Fact]
    public void Scenario_13_a_timed_out_attempt_is_not_tried_again()
    {
        var job = AJob.In(Running).Then(AJob.Attempts(3), new TimedOut(1, 143, null, AJob.At(61)));

        Assert.Equal((Failed, "Job attempt duration exceeded timeout", 1), (job.Status, job.StatusReason, job.Attempts.Length));
    }

    [Fact]
    public void Scenario_14_a_failure_that_no_rule_matches_is_tried_again()
    {
        var job = RunToItsEnd(AJob.Attempts(3, RetryOnHostLoss), exitCode: 1);

        Assert.Equal((Failed, 3), (job.Status, job.Attempts.Length));
    }

    [Fact]
    public void Scenario_15_a_final_catch_all_ends_it_although_there_is_no_reason()
    {
        var job = RunToItsEnd(AJob.Attempts(3, RetryOnHostLoss, ElseExit), exitCode: 1);

        Assert.Equal((Failed, 1), (job.Status, job.Attempts.Length));
        Assert.Null(job.Attempts[0].Reason);
    }

    [Fact]
    public void Scenario_16_an_exit_code_is_matched_by_prefix()
    {
        var job = RunToItsEnd(AJob.Attempts(3, new EvaluateOnExit { OnExitCode = "13*", Action = "EXIT" }), exitCode: 137);

        Assert.Equal((Failed, 1), (job.Status, job.Attempts.Length));
    }

    [Fact]
    public void Scenario_17_a_lost_host_ends_the_attempt_without_exit_code_and_the_job_waits_again()
    {
        var job = AJob.In(Running).Then(AJob.Attempts(2), new HostLost(1, AJob.At(3)));

        Assert.Equal(Runnable, job.Status);
        var attempt = Assert.Single(job.Attempts);
        Assert.Equal((null, "Host EC2 (instance i-0123456789abcdef0) terminated."), (attempt.ExitCode, attempt.StatusReason));
        Assert.Equal(2, job.Then(AJob.Attempts(2), new Placed(AJob.Place("r-2"))).Fence);
    }

    [Fact]
    public void Scenario_20_a_reference_without_a_value_is_refused_at_submit()
    {
        var definition = ADefinition.Running("echo", "Ref::x");

        var refused = Assert.Throws<BatchClientException>(() => Submission.Prepare(ASubmission.Of(definition), definition, ASubmission.Queue, AJob.Home));

        Assert.Equal("Unable to substitute value. No parameter found for reference x", refused.Message);
    }

    [Fact]
    public void Scenario_21_a_name_without_revision_means_the_highest_active_one()
    {
        Assert.Equal(new DefinitionReference("sleep", null), Submission.ParseDefinition("sleep", AJob.Home));

        // Revision 3 was deregistered, so the name now leads to 2; 3 itself takes no job.
        var second = ADefinition.Running("sleep", "1") with { Name = "sleep", Revision = 2 };
        var request = ASubmission.Of(second) with { JobDefinition = "sleep" };
        Assert.Equal(2, Submission.Prepare(request, second, ASubmission.Queue, AJob.Home).DefinitionRevision);

        var third = second with { Revision = 3, IsActive = false };
        var refused = Assert.Throws<BatchClientException>(
            () => Submission.Prepare(request with { JobDefinition = "sleep:3" }, third, ASubmission.Queue, AJob.Home));
        Assert.Equal("JobDefinition name sleep:3 does not exist or is not in ACTIVE status", refused.Message);
    }

    private static JobState RunToItsEnd(RetryStrategy strategy, int exitCode)
    {
        var job = AJob.In(Runnable);
        for (var fence = 1; !job.Status.IsTerminal() && fence <= 10; fence++)
        {
            job = job.Then(
                strategy,
                new Placed(AJob.Place($"r-{fence}")),
                new Started(fence, AJob.At(1)),
                new Exited(fence, exitCode, null, AJob.At(1), AJob.At(2)));
        }

        return job;
    }
}
