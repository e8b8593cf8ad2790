using CsCheck;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;

namespace OrleansBatch.Core.Tests.Jobs.MultiNode;

/// <summary>What holds whatever happens to a multi-node job and its nodes, in whatever order.</summary>
public sealed class GangMovePropertyTests
{
    private const int Lifetimes = 5_000;

    private static readonly DateTimeOffset At = AJob.At(9);

    private static readonly Gen<long> Fence = Gen.Frequency((6, Gen.Const(0L)), (1, Gen.Const(-1L)), (1, Gen.Const(1L)));

    private static readonly Gen<Func<Gang, RetryStrategy, Gang>> Happening = Gen.Frequency(
        (6, Gen.Const<Func<Gang, RetryStrategy, Gang>>((gang, strategy) => gang.Job.Status == JobStatus.Runnable ? gang.Placed(strategy) : gang)),
        (12, OfNode(Fence.Select(offset => Event(fence => new Started(fence + offset, At))))),
        (8, OfNode(Gen.Select(Fence, Gen.OneOf<int?>(0, 1, 143, null), (offset, code) => Event(fence => new Exited(fence + offset, code, null, At, At))))),
        (2, OfNode(Fence.Select(offset => Event(fence => new TimedOut(fence + offset, 137, At, At))))),
        (3, OfNode(Fence.Select(offset => Event(fence => new FailedToStart(fence + offset, "CannotStartContainerError", At))))),
        (4, OfNode(Fence.Select(offset => Event(fence => new Refused(fence + offset, At))))),
        (3, OfNode(Fence.Select(offset => Event(fence => new HostLost(fence + offset, At))))),
        (1, OfNode(Fence.Select(offset => Event(fence => new HostReclaimed(fence + offset))))),
        (1, OfJob(new Cancelled("cancelled", At))),
        (1, OfJob(new Terminated("terminated", At))),
        (1, OfJob(new QueueDeleted(At))),
        (1, OfJob(new Blocked("blocked", At))),
        (1, OfJob(new Unblocked())));

    private static readonly Gen<(int Nodes, int Main, int Attempts, List<Func<Gang, RetryStrategy, Gang>> Happenings)> Lives =
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3], Gen.Int[1, 3], Happening.List[0, 60], (nodes, main, attempts, happenings) => (nodes, main % nodes, attempts, happenings));

    [Fact]
    public void Terminal_is_final() => InEveryMove((before, after) => Assert.True(!before.Job.Status.IsTerminal() || before.Job == after.Job));

    [Fact]
    public void Nothing_begins_while_a_process_of_the_attempt_before_may_be_left() => InEveryMove((before, after) =>
    {
        if (after.Job.Fence > before.Job.Fence)
        {
            Assert.All(before.Nodes, node => Assert.Null(node.Placement));
        }
    });

    [Fact]
    public void A_job_that_is_not_placed_has_no_node_that_is() => InEveryMove((_, after) =>
        Assert.True(after.IsPlaced || after.Nodes.All(node => node.Placement is null && !node.Status.IsPlaced())));

    [Fact]
    public void A_job_is_over_with_the_last_process_after_its_main_nodes() => InEveryMove((_, after) =>
    {
        if (after.IsPlaced)
        {
            Assert.Contains(after.Nodes, node => node.Placement is not null);
        }
    });

    [Fact]
    public void No_node_is_launched_before_the_main_node_runs() => InEveryMove((_, after) =>
        Assert.All(Enumerable.Range(0, after.Nodes.Length).Where(node => node != after.Main && after.MayLaunch(node)), _ => Assert.Equal(JobStatus.Running, after.MainNode.Status)));

    [Fact]
    public void When_the_main_node_is_over_all_others_are_being_stopped() => InEveryMove((_, after) =>
    {
        if (after.IsPlaced && after.MainNode.Placement is null)
        {
            Assert.All(after.Nodes.Where(node => node.Placement is not null), node => Assert.NotNull(node.StopReason));
        }
    });

    [Fact]
    public void Attempts_are_numbered_alike_and_never_exceed_the_strategy() => Sample((strategy, _, after) =>
    {
        Assert.True(after.Job.Fence <= strategy.Attempts);
        Assert.All(after.Nodes.Where(_ => after.Job.Fence > 0), node => Assert.Equal(after.Job.Fence, node.Fence));
    });

    [Fact]
    public void The_result_is_the_main_nodes() => InEveryMove((_, after) =>
    {
        if (after.Job.Status == JobStatus.Succeeded)
        {
            Assert.Equal((JobStatus.Succeeded, 0), (after.MainNode.Status, after.Job.Attempts[^1].ExitCode));
        }
    });

    [Fact]
    public void The_same_message_again_changes_nothing() => Lives.Sample(
        life =>
        {
            var strategy = AJob.Attempts(life.Attempts);
            var gang = AGang.Runnable(life.Nodes, life.Main);
            foreach (var happening in life.Happenings)
            {
                var once = happening(gang, strategy);
                if (once.Job.Fence == gang.Job.Fence && once.Job.Status == gang.Job.Status)
                {
                    Assert.Equal(once.Statuses(), happening(once, strategy).Statuses());
                }

                gang = once;
            }
        },
        iter: Lifetimes);

    private static Func<long, JobEvent> Event(Func<long, JobEvent> of) => of;

    private static Gen<Func<Gang, RetryStrategy, Gang>> OfNode(Gen<Func<long, JobEvent>> happened) => Gen.Select(
        Gen.Int[0, 3], happened, (node, of) => (Func<Gang, RetryStrategy, Gang>)((gang, strategy) =>
        {
            var index = node % gang.Nodes.Length;
            var happened = of(gang.Nodes[index].Fence);
            // No agent says that of what runs.
            return happened is FailedToStart && gang.Nodes[index].Status != JobStatus.Starting ? gang : gang.ToNode(index, happened, strategy);
        }));

    private static Gen<Func<Gang, RetryStrategy, Gang>> OfJob(JobEvent happened) =>
        Gen.Const<Func<Gang, RetryStrategy, Gang>>((gang, strategy) => gang.Happen(happened, strategy));

    private static void InEveryMove(Action<Gang, Gang> check) => Sample((_, before, after) => check(before, after));

    private static void Sample(Action<RetryStrategy, Gang, Gang> check) => Lives.Sample(
        life =>
        {
            var strategy = AJob.Attempts(life.Attempts);
            var gang = AGang.Runnable(life.Nodes, life.Main);
            foreach (var happening in life.Happenings)
            {
                var after = happening(gang, strategy);
                check(strategy, gang, after);
                gang = after;
            }
        },
        iter: Lifetimes);
}
