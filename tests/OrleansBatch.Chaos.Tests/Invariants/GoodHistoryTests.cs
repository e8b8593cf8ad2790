namespace OrleansBatch.Chaos.Tests.Invariants;

/// <summary>What may happen is no violation.</summary>
public sealed class GoodHistoryTests
{
    [Fact]
    public void A_job_that_succeeds() =>
        Planted.IsNothing(new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a"));

    [Fact]
    public void A_job_that_is_tried_again_on_another_node() => Planted.IsNothing(new AHistory()
        .Submitted("a", attempts: 3, exits: [3, 0])
        .Ran("id-a", 10, 20, exit: 3)
        .Ran("id-a", 21, 30, attempt: 2, node: "node2")
        .Ended("id-a", exits: [3, 0]));

    [Fact]
    public void An_attempt_that_is_lost_with_its_host_with_and_without_a_witness() => Planted.IsNothing(new AHistory()
        .Submitted("a", attempts: 3)
        .Vanished("id-a", 10, 20)
        .Ran("id-a", 60, 70, attempt: 3, node: "node2")
        .Ended("id-a", exits: [null, null, 0]));

    [Fact]
    public void A_process_killed_from_outside() => Planted.IsNothing(new AHistory()
        .Submitted("a")
        .Vanished("id-a", 10, 20)
        .Ended("id-a", "FAILED", exits: [137]));

    [Fact]
    public void A_submission_that_was_repeated_until_it_was_answered() => Planted.IsNothing(new AHistory()
        .Submitted("a")
        .Called("SubmitJob", "a", 5, status: null, invocationId: "invocation-a")
        .Called("SubmitJob", "a", 7, jobId: "id-a", invocationId: "invocation-a")
        .Ran("id-a", 10, 20)
        .Ended("id-a"));

    [Fact]
    public void A_cancel_of_a_running_job_whose_process_goes_on() => Planted.IsNothing(new AHistory()
        .Submitted("a", attempts: 5, exits: [1])
        .Ran("id-a", 10, 100, exit: 1)
        .Called("CancelJob", "id-a", 20, reason: "enough")
        .Ended("id-a", "FAILED", exits: [1], flag: "isCancelled"));

    [Fact]
    public void A_cancel_of_a_starting_job_whose_process_comes_later() => Planted.IsNothing(new AHistory()
        .Submitted("a")
        .Called("CancelJob", "id-a", 20, reason: "enough")
        .Ran("id-a", 25, 100)
        .Ended("id-a", flag: "isCancelled"));

    [Fact]
    public void A_cancel_between_two_attempts() => Planted.IsNothing(new AHistory()
        .Submitted("a", attempts: 5, exits: [1])
        .Ran("id-a", 10, 20, exit: 1)
        .Called("CancelJob", "id-a", 30, reason: "enough")
        .Seen("id-a", 32, "FAILED", "enough", AHistory.BootedAt + 30)
        .Ended("id-a", "FAILED", "enough", [1], ["RUNNABLE", "STARTING", "RUNNING", "RUNNABLE", "FAILED"], at: 30, flag: "isCancelled"));

    [Fact]
    public void A_terminated_job_that_catches_the_signal_and_exits_0() => Planted.IsNothing(new AHistory()
        .Submitted("a", attempts: 5)
        .Ran("id-a", 10, 100)
        .Called("TerminateJob", "id-a", 20, reason: "stop")
        .Ended("id-a", "FAILED", "stop", [0], flag: "isTerminated"));

    [Fact]
    public void A_terminate_of_a_job_that_had_succeeded() => Planted.IsNothing(new AHistory()
        .Submitted("a")
        .Ran("id-a", 10, 20)
        .Called("TerminateJob", "id-a", 40, reason: "stop")
        .Ended("id-a", at: 22));

    [Fact]
    public void A_chain_and_what_fails_along_it() => Planted.IsNothing(new AHistory()
        .Submitted("a", exits: [1]).Submitted("b", dependsOn: [new("a", null)])
        .Submitted("c").Submitted("d", dependsOn: [new("c", "SEQUENTIAL")])
        .Ran("id-a", 10, 20, exit: 1).Ran("id-c", 10, 20).Ran("id-d", 21, 30)
        .Ended("id-a", "FAILED", exits: [1])
        .Ended("id-b", "FAILED", "Dependent Job failed", [], ["PENDING", "FAILED"])
        .Ended("id-c")
        .Ended("id-d", moves: ["PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]));

    [Fact]
    public void An_array_one_of_whose_children_fails() => Planted.IsNothing(new AHistory()
        .Submitted("a", size: 2)
        .Ran("id-a:0", 10, 20).Ran("id-a:1", 10, 20, exit: 5)
        .Ended("id-a:0").Ended("id-a:1", "FAILED", exits: [5])
        .ParentEnded("id-a", "FAILED", "SUCCEEDED", "FAILED"));

    [Fact]
    public void Children_that_wait_one_for_one_and_one_after_the_other() => Planted.IsNothing(new AHistory()
        .Submitted("a", size: 2).Submitted("b", size: 2, dependsOn: [new("a", "N_TO_N")]).Submitted("c", size: 2, dependsOn: [new(null, "SEQUENTIAL")])
        .Ran("id-a:0", 10, 20).Ran("id-b:0", 21, 30).Ran("id-a:1", 15, 40).Ran("id-b:1", 41, 50).Ran("id-c:0", 10, 20).Ran("id-c:1", 20, 30)
        .Ended("id-a:0").Ended("id-a:1").Ended("id-b:0").Ended("id-b:1").Ended("id-c:0").Ended("id-c:1")
        .ParentEnded("id-a", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED").ParentEnded("id-b", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED")
        .ParentEnded("id-c", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"));

    [Fact]
    public void A_multi_node_job_whose_attempts_follow_each_other() => Planted.IsNothing(new AHistory()
        .Submitted("a", attempts: 2, nodes: 2, exits: [1, 0])
        .Ran("id-a#0", 10, 20, exit: 1).Ran("id-a#1", 12, 25, exit: 143)
        .Ran("id-a#0", 30, 40, attempt: 2).Ran("id-a#1", 31, 45, attempt: 2)
        .Ended("id-a", exits: [1, 0])
        .Ended("id-a#0", exits: [1, 0], moves: ["RUNNABLE", "STARTING", "RUNNING", "FAILED", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]));

    [Fact]
    public void A_full_environment() => Planted.IsNothing(new AHistory()
        .Holds("environment", AHistory.Environment, 2).Holds("host", "host1", 2).Holds("node", "node1", 2)
        .Submitted("a").Submitted("b").Submitted("c", vcpus: 2)
        .Ran("id-a", 10, 20).Ran("id-b", 10, 20).Ran("id-c", 20, 30)
        .Ended("id-a").Ended("id-b").Ended("id-c"));
}
