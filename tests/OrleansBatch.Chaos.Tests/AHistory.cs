using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using OrleansBatch.Chaos.Checker;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Tests;

/// <summary>Writes a history in which all is well, and lets a test spoil one thing of it. Times are milliseconds since boot.</summary>
internal sealed class AHistory
{
    public const string Environment = "chaos";
    public const long BootedAt = 1_800_000_000_000;

    private readonly Dictionary<string, JsonObject> _rows = [];
    private readonly Dictionary<string, List<JsonObject>> _events = [];
    private int _pid = 100;
    private int _calls;

    public AHistory()
    {
        Entries.Add(new RunBegan { At = 0, Seed = 1, BootedAt = BootedAt });
        Entries.Add(new QuietReached { At = Nanoseconds(1_000_000), VcpusInUse = new Dictionary<string, double> { [Environment] = 0 }, Alive = [] });
    }

    /// <summary>What does not belong to a row or an event.</summary>
    public List<Entry> Entries { get; } = [];

    /// <summary>The row of a job.</summary>
    public JsonObject Row(string jobId) => _rows[jobId];

    /// <summary>The events of a job.</summary>
    public List<JsonObject> Events(string jobId) => _events[jobId];

    /// <summary>A job's id.</summary>
    public static string Id(string key) => $"id-{key}";

    /// <summary>A job is submitted, and that is acknowledged.</summary>
    public AHistory Submitted(
        string key, int at = 0, int attempts = 1, int? size = null, int? nodes = null, double vcpus = 1, int[]? exits = null, PlannedDependency[]? dependsOn = null)
    {
        Entries.Add(new SubmissionPlanned
        {
            At = Nanoseconds(at),
            Key = key,
            InvocationId = $"invocation-{key}",
            Attempts = attempts,
            Environment = Environment,
            Size = size,
            Nodes = nodes,
            Vcpus = vcpus,
            Exits = exits ?? [0],
            DependsOn = dependsOn ?? [],
        });
        return Called("SubmitJob", key, at, jobId: Id(key), invocationId: $"invocation-{key}");
    }

    /// <summary>A call is made and answered a millisecond later.</summary>
    public AHistory Called(string operation, string subject, int at, int? status = 200, string? jobId = null, string? invocationId = null, string? reason = null)
    {
        var call = ++_calls;
        Entries.Add(new CallMade { At = Nanoseconds(at), Call = call, Operation = operation, Subject = subject, InvocationId = invocationId, Reason = reason, Door = "silo1" });
        Entries.Add(new CallAnswered { At = Nanoseconds(at + 1), Call = call, Status = status, JobId = status == 200 ? jobId : null });
        return this;
    }

    /// <summary>A process of a job lives.</summary>
    public AHistory Ran(string jobId, int from, int to, int attempt = 1, int exit = 0, string node = "node1")
    {
        var pid = StartedOnly(jobId, from, attempt, node);
        Entries.Add(new ProcessEnded { At = Nanoseconds(to), JobId = jobId, Attempt = attempt, Node = node, Pid = pid, ExitCode = exit });
        return this;
    }

    /// <summary>A process of a job lives, and is seen to be gone without having said that it ends.</summary>
    public AHistory Vanished(string jobId, int from, int lastAlive, int attempt = 1, string node = "node1")
    {
        var pid = StartedOnly(jobId, from, attempt, node);
        Entries.Add(new ProcessGone { At = Nanoseconds(lastAlive), JobId = jobId, Attempt = attempt, Node = node, Pid = pid });
        return this;
    }

    /// <summary>A process of a job starts; nothing more is known. Gives its id.</summary>
    public int StartedOnly(string jobId, int from, int attempt = 1, string node = "node1")
    {
        Entries.Add(new ProcessStarted { At = Nanoseconds(from), JobId = jobId, Attempt = attempt, Node = node, Pid = ++_pid });
        return _pid;
    }

    /// <summary>What DescribeJobs and the listing of events say of a job at the end.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="status">Its status.</param>
    /// <param name="reason">Its reason.</param>
    /// <param name="exits">Exit code of each attempt; null: it was lost with its host.</param>
    /// <param name="moves">Statuses of its events; null: as a job goes that waits for nobody.</param>
    /// <param name="at">When it ended.</param>
    /// <param name="flag">isCancelled or isTerminated.</param>
    /// <param name="host">Its host.</param>
    public AHistory Ended(
        string jobId, string status = "SUCCEEDED", string? reason = "Essential container in task exited", int?[]? exits = null, string[]? moves = null, int at = 1000, string? flag = null,
        string host = "host1")
    {
        exits ??= [0];
        var attempts = exits.Select(exit => new JsonObject
        {
            ["startedAt"] = BootedAt + 1,
            ["statusReason"] = exit is null ? "Host EC2 (instance i-1) terminated." : "Essential container in task exited",
            ["container"] = new JsonObject { ["exitCode"] = exit, ["containerInstanceArn"] = $"arn:aws:ecs:us-east-1:1:container-instance/c/{host}" },
        }).ToArray();
        moves ??= ["RUNNABLE", .. exits.SelectMany((_, index) => new[] { "STARTING", "RUNNING", index == exits.Length - 1 ? status : "RUNNABLE" })];
        _rows[jobId] = Document(jobId, status, reason, attempts.Length, attempts, BootedAt + at, flag);
        var over = 0;
        _events[jobId] = [.. moves.Select((move, index) =>
        {
            over += index > 0 && moves[index - 1] is "STARTING" or "RUNNING" && move is not "RUNNING" ? 1 : 0;
            var detail = Document(jobId, move, index == moves.Length - 1 ? reason : null, over, attempts, index == moves.Length - 1 ? BootedAt + at : null, flag);
            detail["orleansBatch"] = new JsonObject { ["sequenceNumber"] = index + 1 };
            return new JsonObject
            {
                ["time"] = DateTimeOffset.FromUnixTimeMilliseconds(BootedAt).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["detail-type"] = "Batch Job State Change",
                ["detail"] = detail,
            };
        })];
        return this;
    }

    /// <summary>What they say of an array's parent, whose children have ended in these statuses.</summary>
    public AHistory ParentEnded(string jobId, string status, params string[] children)
    {
        _ = Ended(jobId, status, status == "SUCCEEDED" ? null : "Array Child Job failed", [], ["PENDING", status]);
        Row(jobId)["arrayProperties"] = new JsonObject
        {
            ["size"] = children.Length,
            ["statusSummary"] = new JsonObject(children.CountBy(child => child).Select(each => KeyValuePair.Create(each.Key, (JsonNode?)each.Value))),
        };
        return this;
    }

    /// <summary>What a read in the middle of the run said.</summary>
    public AHistory Seen(string jobId, int at, string? status, string? reason = null, long? stoppedAt = null)
    {
        Entries.Add(new JobSeen { Asked = Nanoseconds(at), At = Nanoseconds(at + 1), JobId = jobId, Status = status, StatusReason = reason, StoppedAt = stoppedAt, Door = "silo2" });
        return this;
    }

    /// <summary>What something can hold.</summary>
    public AHistory Holds(string scope, string name, double vcpus, string? environment = null)
    {
        Entries.Add(new CapacityDeclared { At = 0, Scope = scope, Name = name, Vcpus = vcpus, Environment = environment });
        return this;
    }

    /// <summary>Its violations, by all invariants.</summary>
    public IReadOnlyList<Violation> Violations() => HistoryChecker.Check(new(
        [
            .. Entries,
            .. _rows.Select(row => new JobRow { At = Nanoseconds(900_000), Row = Element(row.Value) }),
            .. _events.Values.SelectMany(events => events).Select(each => new JobEvent { At = Nanoseconds(900_000), Event = Element(each) }),
            .. _rows.Where(row => RunHistory.Root(row.Key) == row.Key).Select(row => new JobListed { At = Nanoseconds(900_000), JobId = row.Key, JobName = (string)row.Value["jobName"]! }),
        ]));

    /// <summary>A time.</summary>
    public static long Nanoseconds(int milliseconds) => milliseconds * 1_000_000L;

    private static JsonObject Document(string jobId, string status, string? reason, int over, JsonObject[] attempts, long? stoppedAt, string? flag) => new()
    {
        ["jobId"] = jobId,
        ["jobName"] = RunHistory.Root(jobId)["id-".Length..],
        ["status"] = status,
        ["statusReason"] = reason,
        ["isCancelled"] = flag == "isCancelled",
        ["isTerminated"] = flag == "isTerminated",
        ["stoppedAt"] = stoppedAt,
        ["attempts"] = new JsonArray([.. attempts.Take(over).Select(attempt => attempt.DeepClone())]),
    };

    private static JsonElement Element(JsonObject node) => JsonSerializer.SerializeToElement(node);
}
