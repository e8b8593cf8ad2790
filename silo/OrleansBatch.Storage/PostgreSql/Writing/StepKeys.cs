using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Which rows a batch of steps looks at, as far as that can be said before any is read: they are read together.</summary>
internal sealed class StepKeys
{
    /// <summary>Jobs that are nobody's part.</summary>
    public HashSet<string> Jobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Children and nodes.</summary>
    public HashSet<(string Parent, int Index)> Parts { get; } = [];

    /// <summary>Jobs and parents of parts that end with a step: others may wait for them.</summary>
    public HashSet<string> Ending { get; } = new(StringComparer.Ordinal);

    /// <summary>Arrays of which children may be swept or end without a row: in these statuses.</summary>
    public HashSet<(string Parent, JobStatus Status)> Swept { get; } = [];

    public HashSet<string> Epochs { get; } = new(StringComparer.Ordinal);

    public HashSet<string> Invocations { get; } = new(StringComparer.Ordinal);

    /// <summary>Consumable resources that are claimed.</summary>
    public HashSet<string> Taken { get; } = new(StringComparer.Ordinal);

    public HashSet<ScopedName> Queues { get; } = [];

    /// <summary>Revisions of job definitions.</summary>
    public HashSet<RevisionKey> Revisions { get; } = [];

    /// <summary>Log groups, and when the first stream of each was made.</summary>
    public Dictionary<ScopedName, DateTimeOffset> LogGroups { get; } = [];

    /// <summary>Adds what a step looks at.</summary>
    public void Add(PreparedStep prepared)
    {
        var step = prepared.Step;
        foreach (var insert in prepared.Inserts)
        {
            Add(insert.JobId);
            _ = Queues.Add(insert.Queue);
            foreach (var wait in insert.Waits.Where(wait => wait.Kind != WaitKind.Sequence))
            {
                Add(wait.JobId);
            }
        }

        foreach (var update in prepared.Updates)
        {
            Add(update);
        }

        if (step.Epoch is { } guard)
        {
            _ = Epochs.Add(guard.Key);
        }

        if (step.Invocation is { } invocation)
        {
            _ = Invocations.Add(invocation.Key);
        }

        if (step.Looked is { } looked)
        {
            Add(looked.JobId);
        }

        if (step.Sweep is { } sweep)
        {
            Add(sweep.ParentId);
            _ = Ending.Add(sweep.ParentId);
            foreach (var status in sweep.In)
            {
                _ = Swept.Add((sweep.ParentId, status));
            }
        }
    }

    private void Add(PreparedUpdate update)
    {
        Add(update.JobId);
        if (update.State.Status.IsTerminal() || update.State.Unwritten?.Status.IsTerminal() == true)
        {
            _ = Ending.Add(JobPartIds.TryParsePart(update.JobId, out var parentId, out _, out _) ? parentId : update.JobId);
        }

        foreach (var claim in update.Claims)
        {
            _ = Taken.Add(claim.Key);
        }

        foreach (var log in update.EndedLogs)
        {
            _ = LogGroups.TryAdd(log.Group, log.CreatedAt);
        }
    }

    private void Add(string jobId)
    {
        if (JobPartIds.TryParsePart(jobId, out var parentId, out var index, out _))
        {
            _ = Jobs.Add(parentId);
            _ = Parts.Add((parentId, index));
        }
        else
        {
            _ = Jobs.Add(jobId);
        }
    }
}
