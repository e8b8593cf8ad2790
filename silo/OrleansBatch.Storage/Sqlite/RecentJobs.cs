using System.Collections.Concurrent;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Jobs written a short while ago, as committed: most are read or written again soon.</summary>
/// <remarks>
/// The writer alone changes it. What a transaction touches is hidden before its commit and shown again after it: so nobody reads here
/// what is older than what they could have read from the file. Times are those of the writer's grain, finer than the file's milliseconds.
/// </remarks>
internal sealed class RecentJobs(int capacity)
{
    private readonly ConcurrentDictionary<string, RecentJob> _jobs = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();

    /// <summary>The job as committed; null when it must be read from the file.</summary>
    public JobRecord? Read(string jobId) =>
        _jobs.TryGetValue(jobId, out var job) && job is { Insert: { } insert, Shown: { } shown }
            ? new JobRecord
            {
                JobId = jobId,
                Scope = insert.Scope,
                Sequence = job.Row.Sequence,
                Version = shown.Version,
                CreatedAt = insert.CreatedAt,
                Spec = insert.Spec,
                State = shown.State,
            }
            : null;

    /// <summary>What the writer needs to know of the row before it writes it; null when it must look.</summary>
    public JobRow? FindRow(string jobId) => _jobs.GetValueOrDefault(jobId)?.Row;

    public void Hide(string jobId)
    {
        if (_jobs.TryGetValue(jobId, out var job))
        {
            job.Shown = null;
        }
    }

    public void Show(string jobId, JobRow row, PreparedInsert? insert, JobState state)
    {
        if (row.Status.IsTerminal())
        {
            _jobs.TryRemove(jobId, out _);
            return;
        }

        if (_jobs.TryGetValue(jobId, out var job))
        {
            job.Row = row;
            job.Shown = new(row.Version, state);
            return;
        }

        _jobs[jobId] = new(row, insert) { Shown = new(row.Version, state) };
        _oldestFirst.Enqueue(jobId);
        while (_oldestFirst.Count > capacity)
        {
            _jobs.TryRemove(_oldestFirst.Dequeue(), out _);
        }
    }

    /// <summary>After an error nothing is known for sure.</summary>
    public void Clear()
    {
        _jobs.Clear();
        _oldestFirst.Clear();
    }

    private sealed class RecentJob(JobRow row, PreparedInsert? insert)
    {
        private volatile ShownState? _shown;

        // The sequence in it never changes, and that is all that readers take from it.
        public JobRow Row { get; set; } = row;

        public PreparedInsert? Insert => insert;

        public ShownState? Shown
        {
            get => _shown;
            set => _shown = value;
        }
    }

    private sealed record ShownState(long Version, JobState State);
}
