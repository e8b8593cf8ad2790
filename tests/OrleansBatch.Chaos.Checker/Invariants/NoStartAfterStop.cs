using OrleansBatch.Chaos.Checker.Documents;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>
/// Once CancelJob or TerminateJob was answered no further attempt begins. One whose STARTING was stored before may still come to start: a witness is judged
/// only where the history shows that its attempt began later.
/// </summary>
public sealed class NoStartAfterStop : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "Nothing starts after an acknowledged cancel or terminate.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var bootedAt = history.Of<History.RunBegan>().FirstOrDefault()?.BootedAt;
        foreach (var call in history.Calls.Where(call => call.IsAcknowledged && call.Made.Operation is "CancelJob" or "TerminateJob"))
        {
            foreach (var jobId in history.Reached(call.Made.Subject))
            {
                var because = OfAttempts(history, jobId, call) ?? OfRow(history, jobId, call) ?? (bootedAt is { } boot ? OfEvents(history, jobId, call, boot) : null);
                if (because is not null)
                {
                    yield return (jobId, $"{call.Made.Operation} was acknowledged at {Clock.Of(call.Answered!.At)}, but {because}.");
                }
            }
        }
    }

    /// <summary>The attempt before it still lived after the answer: this one is a retry.</summary>
    private static string? OfAttempts(RunHistory history, string jobId, Exchange call)
    {
        var lives = history.LivesOf(jobId).OrderBy(life => life.From).ToList();
        for (var i = 1; i < lives.Count; i++)
        {
            if (lives[i - 1] is { IsOpen: false } former && former.Until > call.Answered!.At && lives[i].Attempt > former.Attempt)
            {
                return $"another attempt began when the former, which had lived longer, was over: {former}; {lives[i]}";
            }
        }

        return null;
    }

    /// <summary>Its row says that it was ended before it began, or between two attempts.</summary>
    private static string? OfRow(RunHistory history, string jobId, Exchange call)
    {
        var row = history.Rows[jobId];
        return row is { Size: null, Status: Statuses.Failed, Attempts: [] } && call.Made.Reason is { } reason && row.StatusReason == reason
            && history.LivesOf(jobId).FirstOrDefault() is { } life && history.SubmissionOf(jobId)?.Nodes is null
                ? $"it was ended by that before its first attempt, and still started: {life}"
                : null;
    }

    /// <summary>Its events have a STARTING of a later second.</summary>
    private static string? OfEvents(RunHistory history, string jobId, Exchange call, double bootedAt)
    {
        var answered = DateTimeOffset.FromUnixTimeMilliseconds((long)(bootedAt + (call.Answered!.At / 1e6)));
        return history.EventsOf(jobId).FirstOrDefault(each => each.IsChange && each.Job.Status == Statuses.Starting && each.Time > answered) is { } late
            ? $"its event {late.Job.SequenceNumber}, STARTING, is of {late.Time:HH:mm:ss}, and the answer of {answered:HH:mm:ss.fff}"
            : null;
    }
}
