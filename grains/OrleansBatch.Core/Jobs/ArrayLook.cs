using System.Collections.Immutable;
using OrleansBatch.Core.Events;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a look at the children of an array came to.</summary>
/// <param name="Children">Children that wait no more, and what becomes of them: their first rows.</param>
/// <param name="IsWhole">Whether all were looked at; otherwise the limit was reached and the same looks are due again.</param>
public sealed record ArrayLookPlan(ImmutableArray<ChildState> Children, bool IsWhole);

/// <summary>A child's state, and the events that lead there from that of a child without a row.</summary>
public sealed record ChildState(int Index, JobState State, ImmutableArray<JobChange> Changes);

/// <summary>Decides which children of an array have waited long enough for one of their own.</summary>
public static class ArrayLook
{
    /// <summary>Plans a look.</summary>
    /// <param name="spec">The array.</param>
    /// <param name="unwritten">What children without rows are.</param>
    /// <param name="rows">By index: a child's status when it has a row.</param>
    /// <param name="whole">What the look at the jobs came to that the whole array waits for: while they are open a child can fail, but not begin.</param>
    /// <param name="looks">The children to look at; -1 among them: all.</param>
    /// <param name="childOf">The status of a child of another array; null when that is gone.</param>
    /// <param name="limit">Children at most.</param>
    /// <param name="now">The time.</param>
    public static ArrayLookPlan Plan(
        JobSpec spec,
        JobState unwritten,
        IReadOnlyList<JobStatus?> rows,
        DependencyVerdict whole,
        IReadOnlyList<int> looks,
        Func<string, int, JobStatus?> childOf,
        int limit,
        DateTimeOffset now)
    {
        var children = ImmutableArray.CreateBuilder<ChildState>();
        var decided = new Dictionary<int, JobStatus>();
        var met = Submission.WhenMet(spec, now);
        var isSequence = Dependencies.IsSequence(spec.DependsOn);
        foreach (var first in looks.Contains(-1) ? Enumerable.Range(0, rows.Count) : looks)
        {
            // What fails in a sequence takes the next with it.
            for (var index = first; index < rows.Count; index++)
            {
                if (rows[index] is not null || decided.ContainsKey(index))
                {
                    break;
                }

                var verdict = Dependencies.JudgeChild(spec.DependsOn, index, OwnChild, childOf);
                if (verdict == DependencyVerdict.Waiting || (verdict == DependencyVerdict.Met && whole != DependencyVerdict.Met))
                {
                    break;
                }

                if (children.Count == limit)
                {
                    return new(children.ToImmutable(), IsWhole: false);
                }

                ImmutableArray<JobEvent> events = verdict == DependencyVerdict.Met ? met : [new JobEvent.DependencyFailed(now)];
                var move = JobChanges.Fold(unwritten, spec.RetryStrategy, events, now);
                children.Add(new(index, move.State, move.Changes));
                decided[index] = move.State.Status;
                if (!isSequence || move.State.Status != JobStatus.Failed)
                {
                    break;
                }
            }
        }

        return new(children.ToImmutable(), IsWhole: true);

        JobStatus OwnChild(int index) => rows[index] ?? (decided.TryGetValue(index, out var status) ? status : unwritten.Status);
    }
}
