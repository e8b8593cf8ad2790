using CsCheck;
using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Events;

/// <summary>Which events the steps of a job's life make, and what they show later.</summary>
public sealed class JobChangesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RetryStrategy Twice = new() { Attempts = 2, EvaluateOnExit = [] };

    private static readonly Gen<JobEvent> Something = Gen.Select(Gen.Int[0, 11], Gen.Int[1, 3], Gen.Int[0, 1], (kind, fence, code) => (JobEvent)(kind switch
    {
        0 => new JobEvent.Accepted(code == 1),
        1 => new JobEvent.DependenciesMet(),
        2 => new JobEvent.DependencyFailed(Noon),
        3 or 4 => new JobEvent.Placed(Placement(fence)),
        5 => new JobEvent.Started(fence, Noon),
        6 or 7 => new JobEvent.Exited(fence, code, null, code == 0 ? Noon : null, Noon.AddSeconds(1)),
        8 => new JobEvent.FailedToStart(fence, "no", Noon),
        9 => new JobEvent.Cancelled("cancelled", Noon),
        10 => new JobEvent.Blocked($"reason {code}", Noon),
        _ => new JobEvent.Unblocked(),
    }));

    [Fact]
    public void A_short_job_passes_through_every_status()
    {
        var move = Fold(
            JobTransitions.New(),
            new JobEvent.Accepted(false),
            new JobEvent.Placed(Placement(1)),
            new JobEvent.Exited(1, 0, null, Noon, Noon.AddSeconds(1)));

        Assert.Equal([JobStatus.Runnable, JobStatus.Starting, JobStatus.Running, JobStatus.Succeeded], move.Changes.Select(change => change.Status));
        Assert.Equal([0, 0, 0, 1], move.Changes.Select(change => change.Attempts));
    }

    [Fact]
    public void The_submission_alone_is_no_event() => Assert.Empty(Fold(JobTransitions.New()).Changes);

    [Fact]
    public void Only_a_reason_that_is_new_blocks_a_queue_anew()
    {
        var waiting = Fold(JobTransitions.New(), new JobEvent.Accepted(false)).State;

        var move = Fold(waiting, new JobEvent.Blocked("a", Noon), new JobEvent.Blocked("a", Noon), new JobEvent.Blocked("b", Noon), new JobEvent.Unblocked());

        Assert.Equal([(JobChangeKind.QueueBlocked, "a"), (JobChangeKind.QueueBlocked, "b")], move.Changes.Select(change => (change.Kind, change.StatusReason)));
    }

    [Fact]
    public void What_happens_to_an_array_are_events_of_its_own_and_of_its_children_without_rows()
    {
        var move = Fold(JobTransitions.NewArray(), new JobEvent.Accepted(false), new JobEvent.Cancelled("no", Noon));

        Assert.Equal([JobStatus.Pending], move.Changes.Select(change => change.Status));
        Assert.Equal([(JobStatus.Runnable, false), (JobStatus.Failed, true)], move.UnwrittenChanges.Select(change => (change.Status, change.IsCancelled)));
    }

    [Fact]
    public void Whatever_happens_the_last_event_tells_the_jobs_status_and_each_shows_the_job_as_it_was() => Something.List[0, 12].Sample(happened =>
    {
        var job = JobTransitions.New();
        List<(JobChange Change, JobState? Then)> told = [];
        foreach (var each in happened)
        {
            JobMove move;
            try
            {
                move = Fold(job, each);
            }
            catch (IllegalTransitionException)
            {
                continue;
            }

            var next = JobTransitions.Next(job, Twice, each);
            Assert.Equal(next with { Attempts = [] }, move.State with { Attempts = [] });
            Assert.Equal(next.Attempts, move.State.Attempts);
            job = move.State;
            told.AddRange(move.Changes.SkipLast(1).Select(change => (change, (JobState?)null)));
            told.AddRange(move.Changes.TakeLast(1).Select(change => (change, (JobState?)job)));
        }

        Assert.Equal(job.Status, told.Count == 0 ? JobStatus.Submitted : told[^1].Change.Status);
        foreach (var ((before, _), (change, then)) in told.Zip(told.Skip(1)))
        {
            Assert.True(before.Status != change.Status || change.Kind == JobChangeKind.QueueBlocked);
            Assert.True(before.Attempts <= change.Attempts);
            Assert.Equal(change.Status, JobsAsOf.State(job, change).Status);
            if (then is not null)
            {
                var shown = JobsAsOf.State(job, change);
                Assert.Equal(
                    (then.StatusReason, then.StartedAt, then.StoppedAt, then.IsCancelled, AttemptFacts.Of(then)),
                    (shown.StatusReason, shown.StartedAt, shown.StoppedAt, shown.IsCancelled, AttemptFacts.Of(shown)));
                Assert.Equal(then.Attempts, shown.Attempts);
            }
        }
    });

    [Theory]
    [InlineData("0", true)]
    [InlineData("12", true)]
    [InlineData("12.3", true)]
    [InlineData("12.", false)]
    [InlineData("-1", false)]
    [InlineData("12.2147483647", false)]
    [InlineData("", false)]
    [InlineData("99999999999999999999", false)]
    public void A_cursor_is_read_as_it_is_written(string text, bool isOne) => Assert.Equal(isOne ? text : null, EventPosition.Parse(text)?.ToString());

    [Fact]
    public void An_events_id_is_the_same_each_time_and_no_others()
    {
        Assert.Equal(EventEnvelopes.IdOf("a", 1), EventEnvelopes.IdOf("a", 1));
        Assert.Equal(3, new[] { EventEnvelopes.IdOf("a", 1), EventEnvelopes.IdOf("a", 2), EventEnvelopes.IdOf("b", 1) }.Distinct().Count());
        Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", EventEnvelopes.IdOf("a", 1));
    }

    private static JobMove Fold(JobState job, params JobEvent[] happened) => JobChanges.Fold(job, Twice, [.. happened], Noon);

    private static JobPlacement Placement(int number) => new()
    {
        Environment = "e",
        Epoch = 1,
        ReservationId = $"r{number}",
        NodeId = "i-0123456789abcdef0",
        Incarnation = "b",
        TaskArn = $"task {number}",
        LogStream = $"stream {number}",
    };
}
