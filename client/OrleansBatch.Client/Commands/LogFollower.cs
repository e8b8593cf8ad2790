using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Client.Commands;

/// <summary>Prints a job's log as it is written, attempt after attempt, of several containers each line with its container's name, until the job has ended and the last line is out.</summary>
internal sealed class LogFollower(IBatchClient client, TextWriter output, Outages outages, TimeProvider time)
{
    /// <summary>The log group of every job.</summary>
    public const string Group = "/aws/batch/job";

    /// <summary>A page with as many events may have more behind it.</summary>
    private const int ShortPage = 1000;

    /// <summary>A page with as many characters may have been cut: one holds a million bytes at most.</summary>
    private const int ShortText = 250_000;

    private readonly Dictionary<string, string?> _tokens = new(StringComparer.Ordinal);
    private int _attempt;
    private string? _told;

    /// <summary>Is told of every change of status and its reason; null: nobody is.</summary>
    public Action<JobDetail>? Told { get; init; }

    /// <summary>Begins each line, before its time.</summary>
    public string Prefix { get; init; } = string.Empty;

    /// <summary>Whether each line begins with its time.</summary>
    public bool WithTimes { get; init; }

    /// <summary>Whether each line is a JSON document.</summary>
    public bool AsJson { get; init; }

    /// <summary>Only this attempt, 1 the first; null: all.</summary>
    public int? Attempt { get; init; }

    /// <summary>Begins with so many of the newest lines; null: with the first line.</summary>
    public int? Tail { get; init; }

    /// <summary>Follows the job.</summary>
    /// <returns>The job at its end.</returns>
    /// <exception cref="NotFoundException">There is no such job.</exception>
    public async Task<JobDetail> FollowAsync(string jobId, CancellationToken cancellationToken)
    {
        var pause = new Pause(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(250), time);
        while (true)
        {
            var job = await outages.RideOutAsync(() => JobReading.OneAsync(client, jobId, cancellationToken), cancellationToken);
            var hasEnded = JobReading.HasEnded(job);
            var hasNews = !hasEnded && Tell(job);

            // What is read after the job was seen to have ended is all there is.
            hasNews |= await PrintAsync(job, cancellationToken);
            _ = hasEnded && Tell(job);
            if (hasEnded || (Attempt is { } attempt && job.Attempts.Count >= attempt))
            {
                return job;
            }

            await pause.TakeAsync(hasNews, cancellationToken);
        }
    }

    /// <summary>Prints what is there.</summary>
    /// <returns>Whether there was anything new.</returns>
    public async Task<bool> PrintAsync(JobDetail job, CancellationToken cancellationToken)
    {
        var hasNews = false;
        var attempts = JobFacts.StreamsOf(job, Attempt);
        for (; _attempt < attempts.Count; _attempt++)
        {
            foreach (var stream in attempts[_attempt])
            {
                hasNews |= await PrintStreamAsync(stream, cancellationToken);
            }

            if (_attempt == attempts.Count - 1)
            {
                break;
            }

            _tokens.Clear();
        }

        return hasNews;
    }

    private bool Tell(JobDetail job)
    {
        var state = $"{job.Status} {job.StatusReason}";
        if (state == _told)
        {
            return false;
        }

        _told = state;
        Told?.Invoke(job);
        return true;
    }

    private async Task<bool> PrintStreamAsync(JobStream stream, CancellationToken cancellationToken)
    {
        var hasNews = false;
        while (true)
        {
            var token = _tokens.GetValueOrDefault(stream.Name);
            var isTail = token is null && Tail is not null;
            var request = new GetLogEventsRequest
            {
                LogGroupName = Group,
                LogStreamName = stream.Name,
                NextToken = token,
                StartFromHead = !isTail,
                Limit = isTail ? Math.Clamp(Tail!.Value, 1, 10_000) : null,
            };
            var page = await outages.RideOutAsync(() => client.GetLogEventsAsync(request, cancellationToken), cancellationToken);
            _tokens[stream.Name] = page.NextForwardToken;
            Print(page.Events, stream.Container);
            hasNews |= page.Events.Count > 0;
            if (page.Events.Count < ShortPage && page.Events.Sum(line => line.Message.Length) < ShortText)
            {
                return hasNews;
            }
        }
    }

    private void Print(IReadOnlyList<OutputLogEvent> lines, string? container)
    {
        var name = container is null ? string.Empty : $"{container} | ";
        foreach (var line in lines)
        {
            if (AsJson)
            {
                output.WriteJsonLine(line, BatchJson.Default.OutputLogEvent);
            }
            else
            {
                var text = name + line.Message;
                var timed = WithTimes ? $"{Texts.ExactTime(line.Timestamp, time)} {text}" : text;
                output.WriteLine(Prefix.Length > 0 ? Prefix + timed : timed);
            }
        }

        output.Flush();
    }
}
