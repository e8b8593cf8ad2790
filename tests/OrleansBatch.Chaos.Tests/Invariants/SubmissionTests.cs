using System.Text.Json.Nodes;
using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Checker.Invariants;

namespace OrleansBatch.Chaos.Tests.Invariants;

/// <summary>Submissions that are lost or doubled are found.</summary>
public sealed class SubmissionTests
{
    [Fact]
    public void An_acknowledged_job_that_is_not_there_is_found() =>
        Planted.IsFoundBy<AcknowledgedIsKept>(new AHistory().Submitted("a"), "id-a", "DescribeJobs does not know it at the end");

    [Fact]
    public void An_acknowledged_job_that_one_silo_does_not_know_is_found() =>
        Planted.IsFoundBy<AcknowledgedIsKept>(
            new AHistory().Submitted("a").Seen("id-a", 5, null).Ran("id-a", 10, 20).Ended("id-a"), "id-a", "silo2, asked at 0.005 s, did not know it");

    [Fact]
    public void An_id_that_is_that_of_another_job_is_found()
    {
        var history = new AHistory().Submitted("a").Submitted("b").Ran("id-a", 10, 20).Ran("id-b", 10, 20).Ended("id-a").Ended("id-b");
        history.Row("id-a")["jobName"] = "b";
        Planted.IsFoundBy<AcknowledgedIsKept>(history, "id-a", "acknowledged for a, but it is b");
    }

    [Fact]
    public void A_repetition_that_makes_a_second_job_is_found() =>
        Planted.IsFoundBy<SubmittedOnce>(
            new AHistory().Submitted("a").Called("SubmitJob", "a", 5, jobId: "id-other", invocationId: "invocation-a"), "a", "answered with id-a and id-other");

    [Fact]
    public void A_second_job_that_no_answer_told_of_is_found()
    {
        var history = new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a");
        history.Entries.Add(new JobListed { At = 0, JobId = "id-ghost", JobName = "a" });
        Planted.IsFoundBy<SubmittedOnce>(history, "a", "id-ghost");
    }

    [Fact]
    public void A_job_that_nobody_submitted_is_found()
    {
        var history = new AHistory();
        history.Entries.Add(new JobListed { At = 0, JobId = "id-ghost", JobName = "ghost" });
        Planted.IsFoundBy<SubmittedOnce>(history, "id-ghost", "that of no submission");
    }

    [Fact]
    public void Two_submissions_with_one_id_are_found() =>
        Planted.IsFoundBy<SubmittedOnce>(
            new AHistory().Submitted("a").Submitted("b").Called("SubmitJob", "b", 5, jobId: "id-a", invocationId: "invocation-c"), "id-a", "answer to a and b");
}
