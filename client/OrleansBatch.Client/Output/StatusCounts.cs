using System.Globalization;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Output;

/// <summary>How many jobs are in which status. An array counts as its children.</summary>
internal sealed record StatusCounts
{
    private static readonly JobStatus[] Statuses = Enum.GetValues<JobStatus>();

    private readonly int[] _counts = new int[Statuses.Length];

    private StatusCounts()
    {
    }

    /// <summary>Whether there is an array among them.</summary>
    public bool HasArrays { get; private set; }

    /// <summary>All of them.</summary>
    public int Total => _counts.Sum();

    /// <summary>Those that never change again.</summary>
    public int Ended => Of(JobStatus.Succeeded) + Of(JobStatus.Failed);

    /// <summary>Such as <c>3/10</c>.</summary>
    public string EndedOfTotal => string.Create(CultureInfo.InvariantCulture, $"{Ended}/{Total}");

    /// <summary>The counts that are not 0, in the order of a life.</summary>
    public string Text => TextOf(Statuses.Where(status => Of(status) > 0));

    /// <summary>All seven, always at the same places.</summary>
    public string FullText => TextOf(Statuses);

    /// <summary>Those of an array's summary.</summary>
    public static StatusCounts Of(IReadOnlyDictionary<string, int> summary)
    {
        var counts = new StatusCounts();
        counts.Add(summary);
        return counts;
    }

    /// <summary>Those of jobs.</summary>
    public static StatusCounts Of(IEnumerable<JobDetail> jobs)
    {
        var counts = new StatusCounts();
        foreach (var job in jobs)
        {
            if (job.ArrayProperties?.StatusSummary is { } summary)
            {
                counts.Add(summary);
            }
            else if (JobStatuses.FromWire(job.Status) is { } status)
            {
                counts._counts[(int)status]++;
            }
        }

        return counts;
    }

    /// <summary>Those in a status.</summary>
    public int Of(JobStatus status) => _counts[(int)status];

    private void Add(IReadOnlyDictionary<string, int> summary)
    {
        HasArrays = true;
        foreach (var status in Statuses)
        {
            _counts[(int)status] += summary.GetValueOrDefault(status.ToWire());
        }
    }

    private string TextOf(IEnumerable<JobStatus> statuses) =>
        string.Join("  ", statuses.Select(status => string.Create(CultureInfo.InvariantCulture, $"{status.ToWire()} {Of(status)}")));
}
