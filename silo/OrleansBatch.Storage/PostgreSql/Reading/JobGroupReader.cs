using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Reads single jobs for many callers: those who come while a query is under way are answered together by the next one.</summary>
/// <remarks>No delay is added: one read when idle, hundreds in one query under load. Nobody joins a query that began before the call, so each sees all that was answered before it.</remarks>
internal sealed class JobGroupReader(PostgresReaders readers)
{
    /// <summary>Queries under way at a time: more would only make them smaller.</summary>
    private const int MostQueries = 3;

    private const int MostJobs = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, TaskCompletionSource<JobRecord?>> _waiting = new(StringComparer.Ordinal);
    private int _queries;

    /// <summary>One job; null when there is none.</summary>
    public Task<JobRecord?> ReadAsync(string jobId, CancellationToken cancellationToken)
    {
        Task<JobRecord?> answer;
        lock (_lock)
        {
            if (!_waiting.TryGetValue(jobId, out var waiting))
            {
                _waiting.Add(jobId, waiting = new(TaskCreationOptions.RunContinuationsAsynchronously));
            }

            answer = waiting.Task;
            if (_queries < MostQueries)
            {
                _queries++;
                _ = Task.Run(RunAsync, CancellationToken.None);
            }
        }

        return answer.WaitAsync(cancellationToken);
    }

    private async Task RunAsync()
    {
        while (Take() is { } asked)
        {
            try
            {
                var found = await readers.ReadAsync(session => JobReads.ReadAsync(session, asked.Keys), CancellationToken.None);
                foreach (var (jobId, waiting) in asked)
                {
                    _ = waiting.TrySetResult(found.GetValueOrDefault(jobId));
                }
            }
            catch (Exception e)
            {
                // Whoever asked is told; those who come next are served.
                foreach (var waiting in asked.Values)
                {
                    _ = waiting.TrySetException(e);
                }
            }
        }
    }

    /// <summary>What waits now; null when nothing does, and this reader ends.</summary>
    private Dictionary<string, TaskCompletionSource<JobRecord?>>? Take()
    {
        lock (_lock)
        {
            if (_waiting.Count == 0)
            {
                _queries--;
                return null;
            }

            var asked = _waiting.Take(MostJobs).ToDictionary(StringComparer.Ordinal);
            if (asked.Count == _waiting.Count)
            {
                _waiting.Clear();
            }
            else
            {
                foreach (var jobId in asked.Keys)
                {
                    _ = _waiting.Remove(jobId);
                }
            }

            return asked;
        }
    }
}
