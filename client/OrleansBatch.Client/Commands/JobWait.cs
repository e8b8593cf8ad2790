using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary>Looks at jobs until all have ended; those that have are not looked at again.</summary>
internal sealed class JobWait(IBatchClient client, IReadOnlyList<string> ids, TextWriter error, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, JobDetail> _jobs = [];
    private readonly Outages _outages = new(error, time);

    /// <summary>How many there are.</summary>
    public int Total { get; } = ids.Count;

    /// <summary>Those that have not ended.</summary>
    public IReadOnlyList<string> Open { get; private set; } = ids;

    /// <summary>All of them, as last seen.</summary>
    public IReadOnlyList<JobDetail> Jobs => [.. _jobs.Values];

    /// <summary>Waits.</summary>
    /// <param name="ended">Is told of each that has ended, once.</param>
    /// <param name="counted">Is told after each look how many are in which status; an array counts as its children.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="NotFoundException">One of them does not exist.</exception>
    public async Task RunAsync(Action<JobDetail> ended, Action<StatusCounts> counted, CancellationToken cancellationToken)
    {
        var pause = new Pause(ShortestPause, LongestPause, time);
        while (true)
        {
            var hasNews = await LookAsync(ended, cancellationToken);
            counted(StatusCounts.Of(_jobs.Values));
            if (Open.Count == 0)
            {
                return;
            }

            await pause.TakeAsync(hasNews, cancellationToken);
        }
    }

    private async Task<bool> LookAsync(Action<JobDetail> ended, CancellationToken cancellationToken)
    {
        var jobs = await _outages.RideOutAsync(() => JobReading.ManyAsync(client, Open, cancellationToken), cancellationToken);
        if (JobReading.MissingOf(Open, jobs) is { Count: > 0 } missing)
        {
            throw JobReading.Missing(missing);
        }

        var hasNews = false;
        foreach (var job in jobs)
        {
            hasNews |= !_jobs.TryGetValue(job.JobId, out var before) || before.Status != job.Status;
            _jobs[job.JobId] = job;
            if (JobReading.HasEnded(job))
            {
                ended(job);
            }
        }

        Open = [.. jobs.Where(job => !JobReading.HasEnded(job)).Select(job => job.JobId)];
        return hasNews;
    }
}
