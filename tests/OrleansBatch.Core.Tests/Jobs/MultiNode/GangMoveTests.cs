using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs.MultiNode;

/// <summary>A multi-node job and its nodes, step by step.</summary>
public sealed class GangMoveTests
{
    [Fact]
    public void All_nodes_begin_their_attempt_with_the_job()
    {
        var gang = AGang.Runnable().Placed();

        Assert.Equal((Starting, 1), (gang.Job.Status, gang.Job.Fence));
        Assert.Null(gang.Job.Placement);
        Assert.All(gang.Nodes, node => Assert.Equal((Starting, 1), (node.Status, node.Fence)));
    }

    [Fact]
    public void The_main_node_is_launched_first_and_the_others_when_it_runs()
    {
        var placed = AGang.Runnable(main: 1).Placed();
        var running = placed.Starts(1);

        Assert.Equal([false, true, false], Enumerable.Range(0, 3).Select(placed.MayLaunch));
        Assert.Equal([0, 2], running.NewlyLaunchable(placed));
        Assert.Empty(running.Starts(0).NewlyLaunchable(running));
    }

    [Fact]
    public void The_job_runs_when_its_main_node_runs()
    {
        var gang = AGang.Runnable().Placed().Starts(0);

        Assert.Equal((Running, AJob.At(1)), (gang.Job.Status, gang.Job.StartedAt));
        Assert.Equal([Running, Starting, Starting], gang.Statuses());
    }

    [Fact]
    public void Scenario_29_a_node_that_fails_changes_nothing_when_the_main_node_succeeds()
    {
        var gang = AGang.Runnable(nodes: 2).Placed().Starts(0).Starts(1).Exits(1, code: 1);

        Assert.Equal((Running, Failed), (gang.Job.Status, gang.Nodes[1].Status));

        gang = gang.Exits(0, code: 0);

        Assert.Equal((Succeeded, "Essential container in task exited"), (gang.Job.Status, gang.Job.StatusReason));
        Assert.Equal(0, Assert.Single(gang.Job.Attempts).ExitCode);
        Assert.Equal([Succeeded, Failed], gang.Statuses());
    }

    [Fact]
    public void Scenario_30_a_main_node_that_fails_restarts_all_nodes()
    {
        var twice = AJob.Attempts(2);
        var gang = AGang.Runnable(nodes: 2).Placed(twice).Starts(0, twice).Starts(1, twice).Exits(0, code: 1, twice).Exits(1, code: 143, twice);

        Assert.Equal(Runnable, gang.Job.Status);
        Assert.Equal([Runnable, Runnable], gang.Statuses());

        gang = gang.Placed(twice);

        Assert.Equal((Starting, 2), (gang.Job.Status, gang.Job.Fence));
        Assert.All(gang.Nodes, node => Assert.Equal((Starting, 2, 1), (node.Status, node.Fence, node.Attempts.Length)));
    }

    [Fact]
    public void The_job_ends_when_the_last_process_is_gone_and_with_the_main_nodes_times()
    {
        var gang = AGang.Runnable(nodes: 2).Placed().Starts(0).Starts(1);
        var stopping = gang.Exits(0, code: 0, at: 5);

        Assert.Equal((Running, Succeeded), (stopping.Job.Status, stopping.Nodes[0].Status));
        Assert.Equal([1], stopping.NewlyStopped(gang));

        var over = stopping.Exits(1, code: 143, at: 8);

        Assert.Equal((Succeeded, AJob.At(1), AJob.At(5)), (over.Job.Status, over.Job.StartedAt, over.Job.StoppedAt));
        Assert.Equal((Failed, AJob.At(8)), (over.Nodes[1].Status, over.Nodes[1].StoppedAt));
    }

    [Fact]
    public void A_node_that_is_stopped_at_the_jobs_end_is_as_its_exit_code_says()
    {
        var gang = AGang.Runnable().Placed().Starts(0).Starts(1).Starts(2).Exits(0, code: 0).Exits(1, code: 0).Exits(2, code: 9);

        Assert.Equal([Succeeded, Succeeded, Failed], gang.Statuses());
    }

    [Fact]
    public void Nodes_that_were_never_launched_are_stopped_with_the_job()
    {
        var placed = AGang.Runnable(nodes: 2).Placed();
        var stopping = placed.Exits(0, code: 0);

        Assert.Equal([1], stopping.NewlyStopped(placed));
        Assert.False(stopping.MayLaunch(1));

        var over = stopping.ToNode(1, new JobEvent.Refused(1, AJob.At(6)));

        Assert.Equal((Succeeded, Failed, "Main node exited"), (over.Job.Status, over.Nodes[1].Status, over.Nodes[1].StatusReason));
    }

    [Fact]
    public void Cancelling_a_job_that_waits_ends_it_and_its_nodes_at_once()
    {
        var gang = AGang.Runnable().Happen(new JobEvent.Cancelled("enough", AJob.At(3)));

        Assert.Equal((Failed, "enough", true), (gang.Job.Status, gang.Job.StatusReason, gang.Job.IsCancelled));
        Assert.Equal((JobRole.Node, Failed, "enough"), (gang.Job.Unwritten!.Role, gang.Job.Unwritten.Status, gang.Job.Unwritten.StatusReason));
    }

    [Fact]
    public void Cancelling_a_job_between_its_attempts_ends_its_nodes_too()
    {
        var twice = AJob.Attempts(2);
        var gang = AGang.Runnable(nodes: 2).Placed(twice).ToNode(0, new JobEvent.HostLost(1, AJob.At(2)), twice).Exits(1, code: 143, twice);

        Assert.Equal(Runnable, gang.Job.Status);

        gang = gang.Happen(new JobEvent.Cancelled("enough", AJob.At(3)), twice);

        Assert.Equal(Failed, gang.Job.Status);
        Assert.Equal([Failed, Failed], gang.Statuses());
    }

    [Fact]
    public void A_cancelled_job_that_runs_goes_on_and_is_not_tried_again()
    {
        var gang = AGang.Runnable(nodes: 1).Placed().Starts(0).Happen(new JobEvent.Cancelled("enough", AJob.At(3)));

        Assert.Equal((Running, true), (gang.Job.Status, gang.Job.IsCancelled));
        Assert.Empty(gang.NewlyStopped(AGang.Runnable(nodes: 1).Placed().Starts(0)));
        Assert.Equal(Failed, gang.Exits(0, code: 1, AJob.Attempts(3)).Job.Status);
    }

    [Fact]
    public void Terminating_stops_all_nodes_and_the_job_has_failed_when_all_are_gone()
    {
        var running = AGang.Runnable(nodes: 2).Placed().Starts(0).Starts(1);
        var stopping = running.Happen(new JobEvent.Terminated("wrong input", AJob.At(3)));

        Assert.Equal((Running, true), (stopping.Job.Status, stopping.Job.IsTerminated));
        Assert.Equal([0, 1], stopping.NewlyStopped(running));

        var over = stopping.Exits(0, code: 0, AJob.Attempts(3)).Exits(1, code: 0, AJob.Attempts(3));

        Assert.Equal((Failed, "wrong input"), (over.Job.Status, over.Job.StatusReason));
        Assert.All(over.Nodes, node => Assert.Equal((Failed, "wrong input"), (node.Status, node.StatusReason)));
    }

    [Fact]
    public void Terminating_comes_too_late_when_the_main_node_has_succeeded_and_in_time_when_it_has_failed()
    {
        var thrice = AJob.Attempts(3);
        var running = AGang.Runnable(nodes: 2).Placed(thrice).Starts(0, thrice).Starts(1, thrice);

        var late = running.Exits(0, code: 0, thrice).Happen(new JobEvent.Terminated("late", AJob.At(6)), thrice).Exits(1, code: 143, thrice);
        var inTime = running.Exits(0, code: 1, thrice).Happen(new JobEvent.Terminated("in time", AJob.At(6)), thrice).Exits(1, code: 143, thrice);

        Assert.Equal((Succeeded, "Essential container in task exited"), (late.Job.Status, late.Job.StatusReason));
        Assert.Equal((Failed, "in time"), (inTime.Job.Status, inTime.Job.StatusReason));
    }

    [Fact]
    public void A_main_node_that_ran_too_long_ends_the_job_for_good()
    {
        var thrice = AJob.Attempts(3);
        var gang = AGang.Runnable(nodes: 2).Placed(thrice).Starts(0, thrice).Starts(1, thrice)
            .ToNode(0, new JobEvent.TimedOut(1, 137, AJob.At(1), AJob.At(70)), thrice)
            .Exits(1, code: 143, thrice);

        Assert.Equal((Failed, StatusReasons.TimedOut), (gang.Job.Status, gang.Job.StatusReason));
    }

    [Fact]
    public void A_main_node_whose_host_is_lost_is_tried_again_with_all_others()
    {
        var twice = AJob.Attempts(2, new EvaluateOnExit { OnStatusReason = "Host EC2*", Action = "retry" }, new EvaluateOnExit { OnReason = "*", Action = "exit" });
        var gang = AGang.Runnable(nodes: 2).Placed(twice).Starts(0, twice).Starts(1, twice)
            .ToNode(0, new JobEvent.HostLost(1, AJob.At(3)), twice)
            .ToNode(1, new JobEvent.HostLost(1, AJob.At(3)), twice);

        Assert.Equal((Runnable, "Host EC2 (instance i-0) terminated."), (gang.Job.Status, gang.Job.Attempts[^1].StatusReason));
    }

    [Fact]
    public void A_node_whose_host_is_lost_changes_nothing_else()
    {
        var gang = AGang.Runnable(nodes: 2).Placed().Starts(0).Starts(1).ToNode(1, new JobEvent.HostLost(1, AJob.At(3)));

        Assert.Equal((Running, Failed), (gang.Job.Status, gang.Nodes[1].Status));
        Assert.Equal(Succeeded, gang.Exits(0, code: 0).Job.Status);
    }

    [Fact]
    public void A_job_follows_its_nodes_in_the_events_of_both()
    {
        var placed = AGang.Runnable(nodes: 2).Placed();

        var move = GangMoves.HappenToNode(placed, AJob.Attempts(1), 0, [new JobEvent.Started(1, AJob.At(1)), new JobEvent.Exited(1, 0, null, AJob.At(1), AJob.At(2))], AGang.Now);

        Assert.Equal([Running], move.Job.Changes.Select(change => change.Status));
        Assert.Equal([Running, Succeeded], move.Nodes[0].Changes.Select(change => change.Status));
        Assert.Empty(move.Nodes[1].Changes);
    }

    [Fact]
    public void Nodes_that_have_no_rows_are_as_their_job_is()
    {
        var waiting = JobTransitions.NewGang().Then(new JobEvent.Accepted(HasDependencies: true));

        Assert.Equal((Pending, Pending), (waiting.Status, waiting.Unwritten!.Status));
        Assert.Equal(Runnable, waiting.Then(new JobEvent.DependenciesMet()).Unwritten!.Status);
    }
}
