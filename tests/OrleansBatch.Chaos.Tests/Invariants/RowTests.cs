using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Checker.Invariants;

namespace OrleansBatch.Chaos.Tests.Invariants;

/// <summary>Rows, events and counts that contradict each other are found.</summary>
public sealed class RowTests
{
    [Fact]
    public void A_move_that_no_table_has_is_found() => Planted.IsFoundBy<MovesAreLegal>(
        new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a", moves: ["RUNNABLE", "RUNNING", "SUCCEEDED"]), "id-a", "its event 2 moves it from RUNNABLE to RUNNING");

    [Fact]
    public void A_move_after_the_end_is_found() => Planted.IsFoundBy<MovesAreLegal>(
        new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a", moves: ["RUNNABLE", "STARTING", "RUNNING", "FAILED", "SUCCEEDED"]), "id-a", "from FAILED to SUCCEEDED");

    [Fact]
    public void A_parent_that_runs_is_found() => Planted.IsFoundBy<MovesAreLegal>(
        new AHistory().Submitted("a", size: 2).Ended("id-a", exits: [], moves: ["PENDING", "RUNNABLE", "SUCCEEDED"]), "id-a", "from PENDING to RUNNABLE");

    [Fact]
    public void A_gap_in_the_events_is_found()
    {
        var history = new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a");
        history.Events("id-a").RemoveAt(1);
        Planted.IsFoundBy<EventsFoldToTheRow>(history, "id-a", "numbered 1, 3, 4");
    }

    [Fact]
    public void An_event_told_twice_is_found()
    {
        var history = new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a");
        history.Events("id-a").Insert(1, history.Events("id-a")[1].DeepClone().AsObject());
        Planted.IsFoundBy<EventsFoldToTheRow>(history, "id-a", "numbered 1, 2, 2, 3, 4");
    }

    [Fact]
    public void A_row_without_its_last_event_is_found()
    {
        var history = new AHistory().Submitted("a").Ran("id-a", 10, 20).Ended("id-a");
        history.Events("id-a").RemoveAt(3);
        Planted.IsFoundBy<EventsFoldToTheRow>(history, "id-a", "its last event says RUNNING");
    }

    [Fact]
    public void An_attempt_without_its_events_is_found() => Planted.IsFoundBy<EventsFoldToTheRow>(
        new AHistory().Submitted("a", attempts: 2, exits: [1, 0]).Ran("id-a", 10, 20, exit: 1).Ran("id-a", 30, 40, attempt: 2)
            .Ended("id-a", exits: [1, 0], moves: ["RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED"]),
        "id-a", "its events have 1 STARTING, its row 2 attempts");

    [Fact]
    public void A_dependent_that_starts_too_early_is_found() => Planted.IsFoundBy<DependentsAreNeverEarly>(
        new AHistory().Submitted("a").Submitted("b", dependsOn: [new("a", null)]).Ran("id-a", 10, 20).Ran("id-b", 15, 30).Ended("id-a").Ended("id-b"),
        "id-b", "it started while what it waits for still lived");

    [Fact]
    public void A_dependent_of_a_failed_job_that_starts_is_found() => Planted.IsFoundBy<DependentsAreNeverEarly>(
        new AHistory().Submitted("a").Submitted("b", dependsOn: [new("a", null)]).Ran("id-a", 10, 20, exit: 1).Ran("id-b", 25, 30).Ended("id-a", "FAILED", exits: [1]).Ended("id-b"),
        "id-b", "which is FAILED, and yet started");

    [Fact]
    public void A_child_that_does_not_wait_for_its_own_is_found() => Planted.IsFoundBy<DependentsAreNeverEarly>(
        new AHistory().Submitted("a", size: 2).Submitted("b", size: 2, dependsOn: [new("a", "N_TO_N")])
            .Ran("id-a:0", 10, 20).Ran("id-a:1", 10, 40).Ran("id-b:0", 21, 30).Ran("id-b:1", 31, 50)
            .Ended("id-a:0").Ended("id-a:1").Ended("id-b:0").Ended("id-b:1"),
        "id-b:1", "still lived");

    [Fact]
    public void A_child_that_does_not_wait_for_the_one_before_is_found() => Planted.IsFoundBy<DependentsAreNeverEarly>(
        new AHistory().Submitted("a", size: 2, dependsOn: [new(null, "SEQUENTIAL")]).Ran("id-a:0", 10, 20).Ran("id-a:1", 15, 30).Ended("id-a:0").Ended("id-a:1"),
        "id-a:1", "still lived");

    [Fact]
    public void A_child_that_waits_for_a_whole_array_and_does_not_is_found() => Planted.IsFoundBy<DependentsAreNeverEarly>(
        new AHistory().Submitted("a", size: 2).Submitted("b", dependsOn: [new("a", null)]).Ran("id-a:0", 10, 20).Ran("id-a:1", 10, 40).Ran("id-b", 30, 50)
            .Ended("id-a:0").Ended("id-a:1").Ended("id-b").ParentEnded("id-a", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"),
        "id-b", "still lived");

    [Fact]
    public void Counts_that_are_not_those_of_the_children_are_found() => Planted.IsFoundBy<ArraysAddUp>(
        new AHistory().Submitted("a", size: 2).Ran("id-a:0", 10, 20).Ran("id-a:1", 10, 20, exit: 1).Ended("id-a:0").Ended("id-a:1", "FAILED", exits: [1])
            .ParentEnded("id-a", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"),
        "id-a", "it counts 2 SUCCEEDED, its children are 1 FAILED, 1 SUCCEEDED");

    [Fact]
    public void A_parent_that_ends_before_its_children_is_found() => Planted.IsFoundBy<ArraysAddUp>(
        new AHistory().Submitted("a", size: 2).Ended("id-a:0").Ended("id-a:1", "RUNNING", exits: [], moves: ["RUNNABLE", "STARTING", "RUNNING"])
            .ParentEnded("id-a", "FAILED", "SUCCEEDED", "RUNNING"),
        "id-a", "it is FAILED, but id-a:1 is RUNNING");

    [Fact]
    public void A_parent_that_ends_otherwise_than_its_children_is_found() => Planted.IsFoundBy<ArraysAddUp>(
        new AHistory().Submitted("a", size: 2).Ended("id-a:0").Ended("id-a:1", "FAILED", exits: [1]).ParentEnded("id-a", "SUCCEEDED", "SUCCEEDED", "FAILED"),
        "id-a", "it is SUCCEEDED, but its children are 1 FAILED, 1 SUCCEEDED");

    [Fact]
    public void A_child_that_is_missing_is_found() => Planted.IsFoundBy<ArraysAddUp>(
        new AHistory().Submitted("a", size: 2).Ended("id-a:0").ParentEnded("id-a", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED"), "id-a", "1 of its 2 children are not known");

    [Fact]
    public void Capacity_and_processes_that_are_left_over_are_found()
    {
        var history = new AHistory().Submitted("a").Ended("id-a", "RUNNING", exits: [], moves: ["RUNNABLE", "STARTING", "RUNNING"]);
        var pid = history.StartedOnly("id-a", 10);
        history.Entries.Add(new QuietReached { At = long.MaxValue, VcpusInUse = new Dictionary<string, double> { [AHistory.Environment] = 1 }, Alive = [pid] });
        Planted.IsFoundBy<NothingIsLeft>(history, AHistory.Environment, "1 of its vCPUs are in use");
        Planted.IsFoundBy<NothingIsLeft>(history, "id-a", "its process lives");
        Planted.IsFoundBy<NothingIsLeft>(history, "id-a", "it is RUNNING at the end");
    }

    [Fact]
    public void A_process_of_which_nobody_knows_the_end_is_found()
    {
        var history = new AHistory().Submitted("a").Ended("id-a");
        _ = history.StartedOnly("id-a", 10);
        Planted.IsFoundBy<NothingIsLeft>(history, "id-a", "nobody knows what became of its process");
    }
}
