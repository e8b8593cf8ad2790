using OrleansBatch.Chaos.Checker.Invariants;

namespace OrleansBatch.Chaos.Tests.Invariants;

/// <summary>What goes on after it was stopped, or changes after it has ended, is found.</summary>
public sealed class StopTests
{
    [Theory]
    [InlineData("CancelJob")]
    [InlineData("TerminateJob")]
    public void A_retry_after_a_stop_is_found(string operation) => Planted.IsFoundBy<NoStartAfterStop>(
        new AHistory().Submitted("a", attempts: 2, exits: [1, 0]).Ran("id-a", 10, 50, exit: 1).Called(operation, "id-a", 20).Ran("id-a", 60, 70, attempt: 2).Ended("id-a", exits: [1, 0]),
        "id-a", "another attempt began when the former");

    [Fact]
    public void A_start_of_a_job_that_a_cancel_had_ended_is_found() => Planted.IsFoundBy<NoStartAfterStop>(
        new AHistory().Submitted("a").Called("CancelJob", "id-a", 5, reason: "enough").Ran("id-a", 10, 20)
            .Ended("id-a", "FAILED", "enough", [], ["RUNNABLE", "FAILED"], flag: "isCancelled"),
        "id-a", "ended by that before its first attempt, and still started");

    [Fact]
    public void A_placement_of_a_later_second_than_the_cancel_is_found()
    {
        var history = new AHistory().Submitted("a").Called("CancelJob", "id-a", 5, reason: "enough").Ran("id-a", 2010, 2020).Ended("id-a");
        history.Events("id-a")[1]["time"] = "2027-01-15T08:00:02Z";
        Planted.IsFoundBy<NoStartAfterStop>(history, "id-a", "its event 2, STARTING, is of 08:00:02");
    }

    [Fact]
    public void A_child_that_is_tried_again_after_its_array_was_terminated_is_found() => Planted.IsFoundBy<NoStartAfterStop>(
        new AHistory().Submitted("a", attempts: 2, size: 2, exits: [1]).Ran("id-a:0", 10, 50, exit: 1).Called("TerminateJob", "id-a", 20).Ran("id-a:0", 60, 70, attempt: 2, exit: 1)
            .Ended("id-a:0", "FAILED", exits: [1, 1]).ParentEnded("id-a", "FAILED", "FAILED", "FAILED"),
        "id-a:0", "TerminateJob was acknowledged");

    [Fact]
    public void A_success_after_a_terminate_is_found() => Planted.IsFoundBy<TerminateIsFinal>(
        new AHistory().Submitted("a").Ran("id-a", 10, 1000).Called("TerminateJob", "id-a", 20).Ended("id-a", at: 1001), "id-a", "but it SUCCEEDED at 1.001 s");

    [Fact]
    public void A_terminated_job_that_never_ends_is_found() => Planted.IsFoundBy<TerminateIsFinal>(
        new AHistory().Submitted("a").Called("TerminateJob", "id-a", 20).Ended("id-a", "RUNNING", exits: [], moves: ["RUNNABLE", "STARTING", "RUNNING"], flag: "isTerminated"),
        "id-a", "it is RUNNING at the end");

    [Fact]
    public void A_reason_that_nobody_gave_is_found() => Planted.IsFoundBy<TerminateIsFinal>(
        new AHistory().Submitted("a").Ran("id-a", 10, 30, exit: 143).Called("TerminateJob", "id-a", 20, reason: "stop").Ended("id-a", "FAILED", exits: [143], flag: "isTerminated"),
        "id-a", "because of 'stop', but its reason is 'Essential container in task exited'");

    [Fact]
    public void An_end_that_changes_is_found() => Planted.IsFoundBy<FinishedIsFinal>(
        new AHistory().Submitted("a").Seen("id-a", 5, "FAILED", "enough").Seen("id-a", 8, "RUNNING").Ran("id-a", 10, 20).Ended("id-a"), "id-a", "silo2 said FAILED (enough)");

    [Fact]
    public void A_start_after_an_end_is_found() => Planted.IsFoundBy<FinishedIsFinal>(
        new AHistory().Submitted("a").Seen("id-a", 5, "SUCCEEDED", "Essential container in task exited", AHistory.BootedAt + 1000).Ran("id-a", 10, 20).Ended("id-a"),
        "id-a", "and then it started");

    [Fact]
    public void A_retry_that_is_not_made_is_found() => Planted.IsFoundBy<RetriesAreMade>(
        new AHistory().Submitted("a", attempts: 3, exits: [1]).Ran("id-a", 10, 20, exit: 1).Ended("id-a", "FAILED", exits: [1]), "id-a", "after 1 of 3 attempts");

    [Fact]
    public void A_stop_that_nobody_asked_for_is_found() => Planted.IsFoundBy<RetriesAreMade>(
        new AHistory().Submitted("a").Ran("id-a", 10, 20, exit: 143).Ended("id-a", "FAILED", exits: [143], flag: "isTerminated"), "id-a", "it is terminated, but nobody asked for that");
}
