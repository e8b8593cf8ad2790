using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Checker.Invariants;

namespace OrleansBatch.Chaos.Tests.Invariants;

/// <summary>Processes that are too many, too early, or not told truly are found.</summary>
public sealed class ProcessTests
{
    [Fact]
    public void Two_attempts_that_live_at_once_are_found() => Planted.IsFoundBy<OneProcessAtATime>(
        new AHistory().Submitted("a", attempts: 2).Vanished("id-a", 10, 50).Ran("id-a", 40, 60, attempt: 2, node: "node2").Ended("id-a", exits: [null, 0]),
        "id-a", "two processes lived at once: id-a attempt 1 on node1");

    [Fact]
    public void A_process_that_was_never_seen_to_be_gone_lives_on()
    {
        var history = new AHistory().Submitted("a", attempts: 2).Ran("id-a", 40, 60, attempt: 2, node: "node2").Ended("id-a", exits: [null, 0]);
        _ = history.StartedOnly("id-a", 10);
        Planted.IsFoundBy<OneProcessAtATime>(history, "id-a", "nobody knows when");
    }

    [Fact]
    public void One_attempt_that_starts_twice_is_found() => Planted.IsFoundBy<OneProcessAtATime>(
        new AHistory().Submitted("a").Ran("id-a", 10, 20).Ran("id-a", 30, 40, node: "node2").Ended("id-a"), "id-a", "attempt 1 was started 2 times");

    [Fact]
    public void A_multi_node_attempt_that_meets_a_node_of_the_former_is_found() => Planted.IsFoundBy<OneProcessAtATime>(
        new AHistory().Submitted("a", attempts: 2, nodes: 2, exits: [1, 0]).Ran("id-a#0", 10, 20, exit: 1).Ran("id-a#1", 12, 35).Ran("id-a#0", 30, 40, attempt: 2)
            .Ended("id-a", exits: [1, 0]),
        "id-a", "a node of the former lived");

    [Fact]
    public void More_starts_than_attempts_are_found() => Planted.IsFoundBy<StartsWithinAttempts>(
        new AHistory().Submitted("a").Ran("id-a", 10, 20, exit: 1).Ran("id-a", 30, 40, attempt: 2).Ended("id-a", exits: [1, 0]), "id-a", "1 attempts, but these starts");

    [Fact]
    public void A_start_that_the_row_does_not_know_is_found() => Planted.IsFoundBy<StartsWithinAttempts>(
        new AHistory().Submitted("a", attempts: 3, exits: [1]).Ran("id-a", 10, 20, exit: 1).Ran("id-a", 30, 40, attempt: 2).Ended("id-a", "FAILED", exits: [1]),
        "id-a", "there was a start of one more");

    [Fact]
    public void An_attempt_that_ended_without_a_process_is_found() =>
        Planted.IsFoundBy<StartsWithinAttempts>(new AHistory().Submitted("a").Ended("id-a"), "id-a", "no process of it was ever started");

    [Fact]
    public void Attempts_that_begin_in_the_wrong_order_are_found() => Planted.IsFoundBy<StartsWithinAttempts>(
        new AHistory().Submitted("a", attempts: 2, exits: [1, 0]).Ran("id-a", 10, 20, attempt: 2).Ran("id-a", 30, 40, exit: 1).Ended("id-a", exits: [1, 0]),
        "id-a", "attempt 1 began after attempt 2");

    [Fact]
    public void A_process_of_a_job_that_nobody_submitted_is_found() =>
        Planted.IsFoundBy<StartsWithinAttempts>(new AHistory().Ran("id-ghost", 10, 20), "id-ghost", "nobody submitted it");

    [Fact]
    public void An_exit_code_that_is_not_the_process_s_is_found() =>
        Planted.IsFoundBy<ExitCodesAreTrue>(new AHistory().Submitted("a").Ran("id-a", 10, 20, exit: 3).Ended("id-a"), "id-a", "exit code 0, but its process said 3");

    [Fact]
    public void An_exit_code_of_a_process_that_did_not_say_that_it_ends_is_found() =>
        Planted.IsFoundBy<ExitCodesAreTrue>(new AHistory().Submitted("a").Vanished("id-a", 10, 20).Ended("id-a"), "id-a", "never said that it ends");

    [Fact]
    public void A_missing_exit_code_is_found()
    {
        var history = new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a", "FAILED");
        _ = history.Row("id-a")["attempts"]![0]!["container"]!.AsObject().Remove("exitCode");
        Planted.IsFoundBy<ExitCodesAreTrue>(history, "id-a", "has no exit code");
    }

    [Fact]
    public void A_success_that_was_a_failure_is_found() =>
        Planted.IsFoundBy<ExitCodesAreTrue>(new AHistory().Submitted("a").Ran("id-a", 10, 20, exit: 3).Ended("id-a", exits: [3]), "id-a", "it SUCCEEDED, but its last attempt has exit code 3");

    [Fact]
    public void A_failure_that_was_a_success_is_found() =>
        Planted.IsFoundBy<ExitCodesAreTrue>(new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a", "FAILED"), "id-a", "it FAILED, but its last attempt has exit code 0");

    [Theory]
    [InlineData("environment", AHistory.Environment)]
    [InlineData("host", "host1")]
    [InlineData("node", "node1")]
    public void Capacity_that_is_given_out_twice_is_found(string scope, string name) => Planted.IsFoundBy<NeverOversubscribed>(
        new AHistory().Holds(scope, name, 2).Submitted("a").Submitted("b", vcpus: 2).Ran("id-a", 10, 20).Ran("id-b", 19, 30).Ended("id-a").Ended("id-b"),
        $"{scope} {name}", "it has 2 vCPUs, but 3 were in use");

    [Theory]
    [InlineData(AHistory.Environment, 1)]
    [InlineData("another", 0)]
    public void On_a_node_only_the_processes_of_the_environment_count_whose_capacity_it_is(string environment, int found) => Assert.Equal(
        found,
        new AHistory().Holds("node", "node1", 2, environment).Submitted("a").Submitted("b", vcpus: 2).Ran("id-a", 10, 20).Ran("id-b", 19, 30).Ended("id-a").Ended("id-b").Violations().Count);

    [Fact]
    public void A_fault_that_never_struck_is_found()
    {
        var history = new AHistory();
        history.Entries.Add(new FaultInjected { At = 5, Until = 6, Kind = "kill-silo", Target = "silo1", Struck = false, Evidence = "it had ended before" });
        Planted.IsFoundBy<FaultsStrike>(history, "kill-silo", "it had ended before");
    }
}
