using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Events;

/// <summary>Which events of a scope are wanted: those that fit in everything that is named.</summary>
/// <param name="Scope">Whose.</param>
/// <param name="Kinds">What they tell; empty: anything.</param>
/// <param name="Statuses">The statuses that they tell of; empty: any.</param>
/// <param name="JobQueues">Names of the jobs' queues; empty: any.</param>
public sealed record EventFilter(
    Scope Scope, IReadOnlySet<JobChangeKind> Kinds, IReadOnlySet<JobStatus> Statuses, IReadOnlySet<string> JobQueues)
{
    /// <summary>The most entries of one list.</summary>
    private const int MostEntries = 100;

    /// <summary>Reads a filter as requests name it.</summary>
    /// <exception cref="BatchClientException">A word is none of those that can be meant, or there are too many.</exception>
    public static EventFilter Read(
        IReadOnlyList<string>? detailTypes, IReadOnlyList<string>? statuses, IReadOnlyList<string>? jobQueues, Scope scope)
    {
        return new(
            scope,
            Set("detailTypes", detailTypes, text => EventEnvelopes.KindOf(text)
                ?? throw new BatchClientException(
                    $"detailTypes: must be '{EventEnvelopes.StateChange}' or '{EventEnvelopes.QueueBlocked}', got '{text}'.")),
            Set("statuses", statuses, text => JobStatuses.FromWire(text)
                ?? throw new BatchClientException($"statuses: must be statuses of jobs, such as SUCCEEDED or FAILED, got '{text}'.")),
            Set("jobQueues", jobQueues, text => Arns.FindName(ResourceKind.JobQueue, text, scope)
                ?? throw new BatchClientException($"jobQueues: must be names or ARNs of job queues in {scope.Region}, got '{text}'.")));
    }

    /// <summary>Whether an event can be wanted, by what its own row says.</summary>
    public bool Wants(JobChange change) =>
        (Kinds.Count == 0 || Kinds.Contains(change.Kind)) && (Statuses.Count == 0 || Statuses.Contains(change.Status));

    /// <summary>Whether a job's events can be wanted.</summary>
    public bool WantsQueue(ScopedName queue) => queue.Scope == Scope && (JobQueues.Count == 0 || JobQueues.Contains(queue.Name));

    private static HashSet<T> Set<T>(string field, IReadOnlyList<string>? texts, Func<string, T> read)
    {
        if (texts?.Count > MostEntries)
        {
            throw new BatchClientException($"{field}: at most {MostEntries} entries, got {texts.Count}.");
        }

        return [.. (texts ?? []).Select(read)];
    }
}
