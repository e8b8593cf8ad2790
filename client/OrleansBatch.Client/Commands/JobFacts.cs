using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary>What a job says of itself, be it of one container or of several.</summary>
internal static class JobFacts
{
    /// <summary>The job's exit code; of several containers that of the essential one that failed first in their order. Null: there is none.</summary>
    public static int? ExitCodeOf(JobDetail job) => job.EcsProperties is { TaskProperties: [var task] }
        ? Decisive(task.Containers.Where(container => container.Essential ?? true).Select(container => container.ExitCode))
        // A multi-node job's attempts are its main node's.
        : job.NodeProperties is not null && job.Attempts is [.., var last] ? ExitCodeOf(job, last)
        : job.Container?.ExitCode;

    /// <summary>The same of one attempt.</summary>
    public static int? ExitCodeOf(JobDetail job, AttemptDetail attempt) => attempt.TaskProperties is [var task]
        ? Decisive(task.Containers.Where(container => IsEssential(job, container.Name)).Select(container => container.ExitCode))
        : attempt.Container?.ExitCode;

    /// <summary>What an attempt's containers say of its end; null: nothing.</summary>
    public static string? ReasonOf(AttemptDetail attempt) => attempt.TaskProperties is [var task]
        ? task.Containers.FirstOrDefault(container => container.Reason is not null) is { } container ? $"{container.Name}: {container.Reason}" : null
        : attempt.Container?.Reason;

    /// <summary>The log streams of each attempt, in their order; of those that have any.</summary>
    /// <param name="job">The job.</param>
    /// <param name="attempt">Only this attempt, 1 the first; null: all.</param>
    public static IReadOnlyList<IReadOnlyList<JobStream>> StreamsOf(JobDetail job, int? attempt)
    {
        List<IReadOnlyList<JobStream>> attempts = [.. job.Attempts.Select(StreamsOf)];
        if (LatestOf(job) is { Count: > 0 } latest && !attempts.Exists(streams => streams.Contains(latest[0])))
        {
            attempts.Add(latest);
        }

        return [.. (attempt is { } number ? attempts.Skip(number - 1).Take(1) : attempts).Where(streams => streams.Count > 0)];
    }

    private static List<JobStream> StreamsOf(AttemptDetail attempt) => attempt.TaskProperties is [var task]
        ? Streams(task.Containers.Select(container => (container.LogStreamName, (string?)container.Name)))
        : Streams([(attempt.Container?.LogStreamName, null)]);

    private static List<JobStream> LatestOf(JobDetail job) => job.EcsProperties is { TaskProperties: [var task] }
        ? Streams(task.Containers.Select(container => (container.LogStreamName, container.Name)))
        : Streams([(job.Container?.LogStreamName, null)]);

    /// <summary>One container alone needs no name.</summary>
    private static List<JobStream> Streams(IEnumerable<(string? Stream, string? Container)> all)
    {
        var several = all.ToList();
        return [.. several.Where(one => one.Stream is not null).Select(one => new JobStream(one.Stream!, several.Count > 1 ? one.Container : null))];
    }

    private static int? Decisive(IEnumerable<int?> codes)
    {
        var known = codes.OfType<int>().ToList();
        return known.Count == 0 ? null : known.Find(code => code != 0);
    }

    private static bool IsEssential(JobDetail job, string name) =>
        job.EcsProperties?.TaskProperties[0].Containers.FirstOrDefault(container => container.Name == name)?.Essential ?? true;
}

/// <summary>A log stream of a job.</summary>
/// <param name="Name">The stream.</param>
/// <param name="Container">Whose it is, of several containers; null: the only one.</param>
internal sealed record JobStream(string Name, string? Container);
