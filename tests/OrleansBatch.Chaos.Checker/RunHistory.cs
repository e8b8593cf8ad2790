using OrleansBatch.Chaos.Checker.Documents;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker;

/// <summary>A history, looked up by job.</summary>
public sealed class RunHistory
{
    private readonly Dictionary<string, string> _submissionOfJob = [];
    private readonly Dictionary<string, string> _jobOfSubmission = [];
    private readonly ILookup<string, ProcessLife> _lives;
    private readonly ILookup<string, EventDocument> _events;

    /// <summary>Looks through the entries once.</summary>
    public RunHistory(IReadOnlyList<Entry> entries)
    {
        Entries = [.. entries.OrderBy(entry => entry.At)];
        Submissions = Of<SubmissionPlanned>().ToDictionary(planned => planned.Key);
        var answers = Of<CallAnswered>().ToDictionary(answer => answer.Call);
        Calls = [.. Of<CallMade>().Select(made => new Exchange(made, answers.GetValueOrDefault(made.Call)))];
        Rows = Of<JobRow>().Select(row => JobDocument.Read(row.Row)).ToDictionary(row => row.JobId);
        _events = Of<JobEvent>().Select(each => EventDocument.Read(each.Event)).ToLookup(each => each.Job.JobId);
        Lives = [.. LivesOf()];
        _lives = Lives.ToLookup(life => life.JobId);
        foreach (var exchange in Calls.Where(call => call is { Made.Operation: "SubmitJob", Answered: { IsAcknowledged: true, JobId: not null } }))
        {
            _ = _jobOfSubmission.TryAdd(exchange.Made.Subject, exchange.Answered!.JobId!);
            _ = _submissionOfJob.TryAdd(exchange.Answered.JobId!, exchange.Made.Subject);
        }

        // A submission that was done, but whose answer never came, is known by its name.
        foreach (var (id, name) in Rows.Values.Select(row => (row.JobId, row.JobName)).Concat(Of<JobListed>().Select(job => (job.JobId, job.JobName))))
        {
            if (Root(id) == id && Submissions.ContainsKey(name))
            {
                _ = _jobOfSubmission.TryAdd(name, id);
                _ = _submissionOfJob.TryAdd(id, name);
            }
        }
    }

    /// <summary>All of it, in order.</summary>
    public IReadOnlyList<Entry> Entries { get; }

    /// <summary>What was to be submitted, by key.</summary>
    public IReadOnlyDictionary<string, SubmissionPlanned> Submissions { get; }

    /// <summary>Requests with their answers.</summary>
    public IReadOnlyList<Exchange> Calls { get; }

    /// <summary>What DescribeJobs said at the end, by job id.</summary>
    public IReadOnlyDictionary<string, JobDocument> Rows { get; }

    /// <summary>All processes.</summary>
    public IReadOnlyList<ProcessLife> Lives { get; }

    /// <summary>Entries of one kind.</summary>
    public IEnumerable<T> Of<T>()
        where T : Entry => Entries.OfType<T>();

    /// <summary>A child's parent, a node's job, or the job itself.</summary>
    public static string Root(string jobId) => jobId.IndexOfAny([':', '#']) is > 0 and var at ? jobId[..at] : jobId;

    /// <summary>A child's index; null: it is none.</summary>
    public static int? IndexOf(string jobId) => jobId.IndexOf(':', StringComparison.Ordinal) is > 0 and var at
        ? int.Parse(jobId.AsSpan(at + 1), System.Globalization.CultureInfo.InvariantCulture)
        : null;

    /// <summary>The submission of a job, a child or a node; null: nobody submitted it.</summary>
    public SubmissionPlanned? SubmissionOf(string jobId) => _submissionOfJob.TryGetValue(Root(jobId), out var key) ? Submissions.GetValueOrDefault(key) : null;

    /// <summary>The job of a submission; null: none is known.</summary>
    public string? JobOf(string key) => _jobOfSubmission.GetValueOrDefault(key);

    /// <summary>The processes of exactly this job, child or node, by their start.</summary>
    public IEnumerable<ProcessLife> LivesOf(string jobId) => _lives[jobId];

    /// <summary>The events of exactly this job, in the order of the listing.</summary>
    public IEnumerable<EventDocument> EventsOf(string jobId) => _events[jobId];

    /// <summary>The jobs that have events.</summary>
    public IEnumerable<string> JobsWithEvents => _events.Select(group => group.Key);

    /// <summary>The jobs that a cancel or terminate of a job reaches: itself, of an array its children.</summary>
    public IEnumerable<string> Reached(string jobId) => Rows.Keys.Where(id => id == jobId || (id.Length > jobId.Length && Root(id) == jobId));

    private IEnumerable<ProcessLife> LivesOf()
    {
        // A process id can come again: what ends is the latest that began with it.
        Dictionary<(string, int, string, int), ProcessLife> open = [];
        foreach (var entry in Of<OfProcess>().OrderBy(entry => entry.At).ThenBy(entry => entry is not ProcessStarted))
        {
            var key = (entry.JobId, entry.Attempt, entry.Node, entry.Pid);
            if (entry is ProcessStarted)
            {
                if (open.Remove(key, out var former))
                {
                    yield return former;
                }

                open[key] = new() { JobId = entry.JobId, Attempt = entry.Attempt, Node = entry.Node, Pid = entry.Pid, From = entry.At };
            }
            else if (open.Remove(key, out var life))
            {
                yield return life with { Until = entry.At, ExitCode = (entry as ProcessEnded)?.ExitCode };
            }
        }

        foreach (var life in open.Values)
        {
            yield return life;
        }
    }
}

/// <summary>A request and what became of it.</summary>
/// <param name="Made">The request.</param>
/// <param name="Answered">Its answer; null: the run ended before.</param>
public sealed record Exchange(CallMade Made, CallAnswered? Answered)
{
    /// <summary>Whether the answer says that it was done.</summary>
    public bool IsAcknowledged => Answered?.IsAcknowledged == true;
}
