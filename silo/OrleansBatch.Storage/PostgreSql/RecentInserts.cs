using System.Collections.Concurrent;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Jobs that this silo inserted a short while ago and has not written since: most of them are about to begin their first attempt.</summary>
/// <remarks>
/// The writer alone changes it, after its commits. Another silo may have written a job since: what is found here is good for a step, whose commit asks for
/// the version, and for nothing else.
/// </remarks>
internal sealed class RecentInserts(int capacity)
{
    private readonly ConcurrentDictionary<string, JobRecord> _jobs = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldestFirst = new();

    /// <summary>The job as it was inserted; null when it must be read.</summary>
    public JobRecord? Find(string jobId) => _jobs.GetValueOrDefault(jobId);

    /// <summary>A job was inserted, and that is committed.</summary>
    public void Add(PreparedInsert job, JobRow row)
    {
        _jobs[job.JobId] = new()
        {
            JobId = job.JobId,
            Scope = job.Scope,
            Sequence = row.Sequence,
            Version = row.Version,
            CreatedAt = job.CreatedAt,
            Spec = job.Spec,
            State = job.State,
        };
        _oldestFirst.Enqueue(job.JobId);
        while (_oldestFirst.Count > capacity)
        {
            _ = _jobs.TryRemove(_oldestFirst.Dequeue(), out _);
        }
    }

    /// <summary>A job was written again.</summary>
    public void Remove(string jobId) => _jobs.TryRemove(jobId, out _);
}
