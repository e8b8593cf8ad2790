using CsCheck;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>What holds whatever happens to a job, in whatever order.</summary>
public sealed class JobTransitionPropertyTests
{
    // A thousand are needed to meet the rarer orders, such as a retry after a cancel, in nearly every run.
    private const int Lifetimes = 2000;

    private static readonly DateTimeOffset At = AJob.At(9);

    /// <summary>An event that depends on the fence of the moment: reports are mostly of the live attempt.</summary>
    private static readonly Gen<Func<JobState, JobEvent>> Happening = Gen.Frequency(
        (2, Always(new Accepted(false))),
        (1, Always(new Accepted(true))),
        (2, Always(new DependenciesMet())),
        (1, Always(new DependencyFailed(At))),
        (8, Gen.Int[0, 3].Select(reservation => Of(_ => new Placed(AJob.Place($"r-{reservation}"))))),
        (6, Fence.Select(offset => Of(job => new Started(job.Fence + offset, At)))),
        (6, Gen.Select(Fence, Gen.OneOf<int?>(0, 1, 137, null), (offset, code) => Of(job => new Exited(job.Fence + offset, code, null, At, At)))),
        (1, Fence.Select(offset => Of(job => new TimedOut(job.Fence + offset, 137, At, At)))),
        (3, Fence.Select(offset => Of(job => new FailedToStart(job.Fence + offset, "DockerTimeoutError: late", At)))),
        (1, Fence.Select(offset => Of(job => new Refused(job.Fence + offset, At)))),
        (3, Fence.Select(offset => Of(job => new HostLost(job.Fence + offset, At)))),
        (1, Always(new Cancelled("cancelled", At))),
        (1, Always(new Terminated("terminated", At))),
        (1, Always(new QueueDeleted(At))),
        (1, Always(new TaskRefused("refused", At))),
        (1, Always(new Blocked("blocked", AJob.At(1)))),
        (1, Always(new Unblocked())));

    private static readonly Gen<RetryStrategy> Strategy = Gen.Select(
        Gen.Int[1, 5],
        Gen.Select(
            Gen.OneOf<string?>(null, "1", "13*", "*"), Gen.OneOf<string?>(null, "*"), Gen.OneOf<string?>(null, "Host EC2*"), Gen.OneOf("retry", "exit"),
            (code, reason, status, action) => new EvaluateOnExit { OnExitCode = code, OnReason = reason, OnStatusReason = status, Action = action }).List[0, 3],
        (attempts, rules) => new RetryStrategy { Attempts = attempts, EvaluateOnExit = rules });

    private static readonly Gen<(RetryStrategy Strategy, List<Func<JobState, JobEvent>> Happenings)> Lives = Gen.Select(Strategy, Happening.List[0, 40]);

    private static Gen<long> Fence => Gen.Frequency((6, Gen.Const(0L)), (1, Gen.Const(-1L)), (1, Gen.Const(1L)));

    [Fact]
    public void Terminal_is_final() => InEveryMove((before, _, after) =>
    {
        if (before.Status.IsTerminal())
        {
            Assert.Equal(before, after);
        }
    });

    [Fact]
    public void Attempts_never_exceed_the_strategy() => InEveryLife((strategy, states) =>
        Assert.All(states, job => Assert.True(job.Fence <= strategy.Attempts, $"attempt {job.Fence} of {strategy.Attempts} began")));

    [Fact]
    public void Nothing_starts_after_a_cancel_of_a_job_that_had_not_started() => InEveryMove((before, _, after) =>
    {
        if (before.IsCancelled && !before.Status.IsPlaced())
        {
            Assert.False(after.Status.IsPlaced());
        }
    });

    [Fact]
    public void No_attempt_begins_once_a_job_is_flagged() => InEveryMove((before, _, after) =>
    {
        if (before.IsCancelled || before.IsTerminated || before.StopReason is not null)
        {
            Assert.Equal(before.Fence, after.Fence);
        }

        // Nor is one promised.
        Assert.False(after is { IsCancelled: true, Status: JobStatus.Runnable });
    });

    [Fact]
    public void A_terminated_job_can_only_fail_with_the_reason_to_stop() => InEveryMove((before, _, after) =>
    {
        Assert.True(!before.IsTerminated || after.IsTerminated);
        Assert.False(after is { IsTerminated: true, Status: JobStatus.Succeeded or JobStatus.Runnable });
        if (before.StopReason is { } reason && after.Status.IsTerminal())
        {
            Assert.Equal((JobStatus.Failed, reason), (after.Status, after.StatusReason));
        }
    });

    [Fact]
    public void The_fence_never_falls_and_grows_by_one_when_an_attempt_begins() => InEveryMove((before, happened, after) =>
    {
        var began = happened is Placed && before.Status == JobStatus.Runnable;
        Assert.Equal(before.Fence + (began ? 1 : 0), after.Fence);
    });

    [Fact]
    public void A_placement_exists_exactly_while_starting_or_running() => InEveryLife((_, states) =>
        Assert.All(states, job => Assert.Equal(job.Status.IsPlaced(), job.Placement is not null)));

    [Fact]
    public void Every_attempt_that_began_is_live_or_recorded() => InEveryLife((_, states) =>
        Assert.All(states, job => Assert.Equal(job.Fence, job.Attempts.Length + (job.Placement is null ? 0 : 1))));

    [Fact]
    public void An_end_is_dated_and_explained_and_nothing_else_is_dated_so() => InEveryLife((_, states) => Assert.All(states, job =>
    {
        Assert.Equal(job.Status.IsTerminal(), job.StoppedAt is not null);
        Assert.True(!job.Status.IsTerminal() || job.StatusReason is not null);
        Assert.True(job.StopReason is null || job.Status.IsPlaced());
    }));

    [Fact]
    public void Attempts_that_are_over_are_never_rewritten() => InEveryMove((before, _, after) =>
        Assert.Equal(before.Attempts, after.Attempts.Take(before.Attempts.Length)));

    [Fact]
    public void Random_lives_reach_every_status_and_several_attempts()
    {
        HashSet<JobStatus> seen = [];
        var longest = 0;
        Lives.Sample(
            life =>
            {
                foreach (var (_, _, after) in Live(life))
                {
                    seen.Add(after.Status);
                    longest = Math.Max(longest, after.Attempts.Length);
                }
            },
            iter: 2000, threads: 1, seed: "0000000000001");

        Assert.Equal(7, seen.Count);
        Assert.True(longest >= 3, $"The longest life had {longest} attempts: the properties would prove little.");
    }

    private static void InEveryMove(Action<JobState, JobEvent, JobState> holds) =>
        Lives.Sample(
            life =>
            {
                foreach (var (before, happened, after) in Live(life))
                {
                    holds(before, happened, after);
                }
            },
            iter: Lifetimes, print: Print);

    private static void InEveryLife(Action<RetryStrategy, List<JobState>> holds) =>
        Lives.Sample(life => holds(life.Strategy, [JobTransitions.New(), .. Live(life).Select(move => move.After)]), iter: Lifetimes, print: Print);

    private static string Print((RetryStrategy Strategy, List<Func<JobState, JobEvent>> Happenings) life) =>
        $"{life.Strategy.Attempts} attempts: {string.Join(", ", Live(life).Select(move => move.Happened))}";

    private static IEnumerable<(JobState Before, JobEvent Happened, JobState After)> Live(
        (RetryStrategy Strategy, List<Func<JobState, JobEvent>> Happenings) life)
    {
        var job = JobTransitions.New();
        foreach (var happening in life.Happenings)
        {
            var happened = happening(job);
            JobState after;
            try
            {
                after = JobTransitions.Next(job, life.Strategy, happened);
            }
            catch (IllegalTransitionException)
            {
                // It cannot happen, so it did not.
                continue;
            }

            yield return (job, happened, after);
            job = after;
        }
    }

    private static Gen<Func<JobState, JobEvent>> Always(JobEvent happened) => Gen.Const(Of(_ => happened));

    private static Func<JobState, JobEvent> Of(Func<JobState, JobEvent> happening) => happening;
}
