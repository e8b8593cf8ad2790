using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>The contract in a few lines of memory: what a store must answer.</summary>
internal sealed class JobStoreModel
{
    private readonly Dictionary<string, string> _answers = [];
    private readonly Dictionary<string, long> _epochs = [];
    private long _sequence;

    public Dictionary<string, JobRecord> Jobs { get; } = [];

    public long TakeEpoch(string key) => _epochs[key] = _epochs.GetValueOrDefault(key) + 1;

    public string? Answer(string invocation) => _answers.GetValueOrDefault(invocation);

    /// <summary>Sequences are this model's own: only their order is the store's.</summary>
    public StepResult Commit(JobStep step)
    {
        if (step.Invocation is { } invocation && _answers.TryGetValue(invocation.Key, out var answer))
        {
            return new(StepOutcome.AlreadyInvoked, [], answer);
        }

        if (step.Epoch is { } guard && _epochs.GetValueOrDefault(guard.Key) != guard.Epoch)
        {
            return new(StepOutcome.StaleEpoch, []);
        }

        var after = new Dictionary<string, JobRecord>(Jobs);
        List<long> sequences = [];
        foreach (var job in step.Inserts)
        {
            if (!after.TryAdd(job.JobId, ToRecord(job, ++_sequence)))
            {
                return new(StepOutcome.VersionConflict, []);
            }

            sequences.Add(_sequence);
        }

        foreach (var write in step.Writes)
        {
            if (!after.TryGetValue(write.JobId, out var job) || job.Version != write.ExpectedVersion)
            {
                return new(StepOutcome.VersionConflict, []);
            }

            after[write.JobId] = job with { Version = job.Version + 1, State = write.State };
        }

        foreach (var (id, job) in after)
        {
            Jobs[id] = job;
        }

        if (step.Invocation is { } recorded)
        {
            _answers.Add(recorded.Key, recorded.Answer);
        }

        return new(StepOutcome.Committed, [.. sequences]);
    }

    public IEnumerable<string> List(ScopedName queue, JobFilter filter)
    {
        var jobs = Jobs.Values.Where(job => QueueOf(job) == queue && Matches(job, filter));
        var ordered = filter is JobFilter.Named ? jobs.OrderBy(job => job.Spec.JobName.ToLowerInvariant(), StringComparer.Ordinal) : jobs.OrderBy(_ => 0);
        return ordered.ThenByDescending(job => job.CreatedAt).ThenByDescending(job => job.Sequence).Select(job => job.JobId);
    }

    public IEnumerable<string> Runnable(ScopedName queue) => Jobs.Values
        .Where(job => QueueOf(job) == queue && job.State.Status == JobStatus.Runnable)
        .OrderBy(job => job.State.Fence > 0 ? 0 : 1)
        .ThenBy(job => job.Sequence)
        .Select(job => job.JobId);

    public IEnumerable<string> Open(ScopedName queue) => Jobs.Values
        .Where(job => QueueOf(job) == queue && !job.State.Status.IsTerminal())
        .OrderBy(job => job.Sequence)
        .Select(job => job.JobId);

    public IEnumerable<string> PlacedIn(ScopedName environment) => Jobs.Values
        .Where(job => job.State.Status.IsPlaced() && new ScopedName(job.Scope, job.State.Placement!.Environment) == environment)
        .Select(job => job.JobId);

    public static ScopedName QueueOf(JobRecord job) => new(job.Scope, job.Spec.JobQueue);

    private static JobRecord ToRecord(NewJob job, long sequence) => new()
    {
        JobId = job.JobId,
        Scope = job.Scope,
        Sequence = sequence,
        Version = 1,
        CreatedAt = job.CreatedAt,
        Spec = job.Spec,
        State = job.State,
    };

    private static bool Matches(JobRecord job, JobFilter filter) => filter switch
    {
        JobFilter.InStatus f => job.State.Status == f.Status,
        JobFilter.Named { IsPrefix: true } f => job.Spec.JobName.StartsWith(f.Name, StringComparison.OrdinalIgnoreCase),
        JobFilter.Named f => job.Spec.JobName.Equals(f.Name, StringComparison.OrdinalIgnoreCase),
        JobFilter.OfDefinition { IsPrefix: true } f => job.Spec.DefinitionName.StartsWith(f.Name, StringComparison.Ordinal),
        JobFilter.OfDefinition f => job.Spec.DefinitionName == f.Name && (f.Revision is null || job.Spec.DefinitionRevision == f.Revision),
        JobFilter.CreatedBefore f => job.CreatedAt < f.Time,
        JobFilter.CreatedAfter f => job.CreatedAt > f.Time,
        _ => throw new ArgumentOutOfRangeException(nameof(filter)),
    };
}
