using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary>Reads jobs by their ids, any number of them.</summary>
internal static class JobReading
{
    /// <summary>What DescribeJobs takes at once.</summary>
    private const int AtOnce = 100;

    private const string Hint = "See which there are: orleansbatch jobs";

    /// <summary>Those of the jobs that exist, in the order of their ids.</summary>
    public static async Task<IReadOnlyList<JobDetail>> ManyAsync(IBatchClient client, IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        List<JobDetail> jobs = [];
        foreach (var chunk in ids.Chunk(AtOnce))
        {
            jobs.AddRange((await client.DescribeJobsAsync(new() { Jobs = chunk }, cancellationToken)).Jobs);
        }

        return jobs;
    }

    /// <summary>One job.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    public static async Task<JobDetail> OneAsync(IBatchClient client, string id, CancellationToken cancellationToken) =>
        (await client.DescribeJobsAsync(new() { Jobs = [id] }, cancellationToken)).Jobs is [var job, ..] ? job : throw Missing([id]);

    /// <summary>The ids that no job has.</summary>
    public static IReadOnlyList<string> MissingOf(IReadOnlyList<string> ids, IReadOnlyList<JobDetail> jobs)
    {
        HashSet<string> known = [.. jobs.Select(job => job.JobId), .. jobs.Select(job => job.JobArn)];
        return [.. ids.Where(id => !known.Contains(id))];
    }

    /// <summary>Says that jobs do not exist.</summary>
    public static NotFoundException Missing(IReadOnlyList<string> ids) =>
        new(ids.Count == 1 ? $"Job {ids[0]} does not exist." : $"Jobs {string.Join(", ", ids)} do not exist.", Hint);

    /// <summary>Whether a job's status never changes again.</summary>
    public static bool HasEnded(JobDetail job) => JobStatuses.FromWire(job.Status)?.IsTerminal() == true;
}
