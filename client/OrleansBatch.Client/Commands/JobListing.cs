using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary>A listing of jobs over all its pages. The scheduler takes one filter or one status for each call; what it cannot combine is put together here.</summary>
internal sealed record JobListing
{
    private const int LargestFilteredPage = 100;
    private const int LargestPage = 1000;

    /// <summary>Name or ARN.</summary>
    public required string Queue { get; init; }

    /// <summary>Id or ARN of an array whose children are listed instead of the queue's jobs.</summary>
    public string? Array { get; init; }

    /// <summary>Id or ARN of a multi-node job whose nodes are listed instead of the queue's jobs.</summary>
    public string? Nodes { get; init; }

    /// <summary>None: all.</summary>
    public IReadOnlyList<string> Statuses { get; init; } = [];

    /// <summary>JOB_NAME.</summary>
    public string? Name { get; init; }

    /// <summary>JOB_DEFINITION.</summary>
    public string? Definition { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? Before { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public long? After { get; init; }

    /// <summary>So many at most.</summary>
    public required int Limit { get; init; }

    /// <summary>The jobs, the newest first; children and nodes by their index.</summary>
    /// <exception cref="UsageException">There is no such status.</exception>
    public async Task<IReadOnlyList<JobSummary>> ReadAsync(IBatchClient client, CancellationToken cancellationToken)
    {
        if (Statuses.FirstOrDefault(status => JobStatuses.FromWire(status) is null) is { } unknown)
        {
            throw new UsageException($"--status '{unknown}' is no status of a job: SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED or FAILED.");
        }

        if ((Array ?? Nodes) is not null)
        {
            return await PartsAsync(client, cancellationToken);
        }

        if (Statuses.Count == 0 || Name is not null || Definition is not null)
        {
            return await PagesAsync(client, new() { JobQueue = Queue, Filters = [Filter()] }, cancellationToken);
        }

        List<JobSummary> jobs = [];
        foreach (var status in Statuses.Distinct())
        {
            jobs.AddRange(await PagesAsync(client, new() { JobQueue = Queue, JobStatus = status }, cancellationToken));
        }

        return [.. jobs.OrderByDescending(job => job.CreatedAt).ThenByDescending(job => job.JobId, StringComparer.Ordinal).Take(Limit)];
    }

    /// <summary>Which part of its job it is; null: none.</summary>
    public static int? IndexOf(JobSummary part) => part.ArrayProperties?.Index ?? part.NodeProperties?.NodeIndex;

    /// <summary>Parts are listed by one status a call. In the order of their lives: one that moves on meanwhile comes twice, and is taken as it was seen last.</summary>
    private async Task<IReadOnlyList<JobSummary>> PartsAsync(IBatchClient client, CancellationToken cancellationToken)
    {
        Dictionary<string, JobSummary> parts = [];
        foreach (var status in Enum.GetValues<JobStatus>().Select(status => status.ToWire()).Where(status => Statuses.Count == 0 || Statuses.Contains(status)))
        {
            foreach (var part in await PagesAsync(client, new() { ArrayJobId = Array, MultiNodeJobId = Nodes, JobStatus = status }, cancellationToken))
            {
                parts[part.JobId] = part;
            }
        }

        return [.. parts.Values.OrderBy(IndexOf).Take(Limit)];
    }

    private async Task<IReadOnlyList<JobSummary>> PagesAsync(IBatchClient client, ListJobsRequest request, CancellationToken cancellationToken)
    {
        List<JobSummary> jobs = [];
        var pageSize = Math.Min(Limit, request.Filters is null ? LargestPage : LargestFilteredPage);
        request = request with { MaxResults = pageSize };
        do
        {
            var page = await client.ListJobsAsync(request, cancellationToken);
            jobs.AddRange(page.JobSummaryList.Where(IsWanted));
            request = request with { NextToken = page.NextToken };
        }
        while (!string.IsNullOrEmpty(request.NextToken) && jobs.Count < Limit);
        return jobs.Count > Limit ? jobs[..Limit] : jobs;
    }

    private bool IsWanted(JobSummary job) =>
        (Statuses.Count == 0 || Statuses.Contains(job.Status))
        && (Before is not { } before || job.CreatedAt < before)
        && (After is not { } after || job.CreatedAt > after);

    /// <summary>The filter that leaves the least over; a time that is always past when there is none, for without a filter only RUNNING would come.</summary>
    private KeyValuesPair Filter() =>
        Name is not null ? Of("JOB_NAME", Name)
        : Definition is not null ? Of("JOB_DEFINITION", Definition)
        : Before is { } before && After is null ? Of("BEFORE_CREATED_AT", before.ToString(CultureInfo.InvariantCulture))
        : Of("AFTER_CREATED_AT", (After ?? 0).ToString(CultureInfo.InvariantCulture));

    private static KeyValuesPair Of(string name, string value) => new() { Name = name, Values = [value] };
}
