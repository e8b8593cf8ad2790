using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf;
using OrleansBatch.AgentProtocol;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests.Sessions;

/// <summary>Agents and silos of different versions read what the other writes: the names of these members never change.</summary>
public sealed class PayloadTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly LogLocation Log = new() { Scope = new("123456789012", "us-east-1"), Group = "g", Stream = "s" };

    private static readonly AttemptLimits Limits = new() { MemoryMiB = 1, SwapMiB = 2, VcpuMillis = 3, IsCpuCapped = true };

    private const string LogJson = """{"scope":{"account":"123456789012","region":"us-east-1","key":"123456789012/us-east-1","partition":"aws"},"group":"g","stream":"s"}""";
    private const string LimitsJson = """{"memoryMiB":1,"swapMiB":2,"vcpuMillis":3,"isCpuCapped":true}""";

    [Fact]
    public void A_launch_is_written_whole_and_by_these_names() => Pins(
        [
            new LaunchOrder
            {
                Attempt = new("job", 2),
                Incarnation = "i",
                ReservationId = "r",
                EnvironmentKey = "e",
                Command = ["a", "b"],
                Environment = [new("N", "v")],
                Log = Log,
                Timeout = TimeSpan.FromMinutes(1),
                StopTimeout = TimeSpan.FromSeconds(30),
                Limits = Limits,
                QueueKey = "q",
                Containers =
                [
                    new()
                    {
                        Name = "c",
                        Command = ["d"],
                        Environment = [new("M", "w")],
                        Log = Log,
                        IsEssential = true,
                        DependsOn = [new("other", ContainerCondition.Success)],
                        StartTimeout = TimeSpan.FromSeconds(1),
                        StopTimeout = TimeSpan.FromSeconds(2),
                        Limits = Limits,
                    },
                ],
            },
        ],
        PayloadTypes.Default.LaunchOrders,
        $$"""
        [{"attempt":{"jobId":"job","fence":2},"incarnation":"i","reservationId":"r","environmentKey":"e","command":["a","b"],
        "environment":[{"key":"N","value":"v"}],"log":{{LogJson}},"timeout":"00:01:00","stopTimeout":"00:00:30","limits":{{LimitsJson}},"queueKey":"q",
        "containers":[{"name":"c","command":["d"],"environment":[{"key":"M","value":"w"}],"log":{{LogJson}},"isEssential":true,
        "dependsOn":[{"container":"other","condition":2}],"startTimeout":"00:00:01","stopTimeout":"00:00:02","limits":{{LimitsJson}}}]}]
        """);

    [Fact]
    public void A_report_is_written_whole_and_by_these_names() => Pins(
        [
            new AttemptReport
            {
                Attempt = new("job", 2),
                ReservationId = "r",
                EnvironmentKey = "e",
                Outcome = AttemptOutcome.TimedOut,
                StartedAt = Noon,
                StoppedAt = Noon,
                ExitCode = 3,
                Reason = "why",
                Usage = new() { PeakMemoryBytes = 4, CpuTime = TimeSpan.FromSeconds(5) },
                Unlimited = "u",
                Containers = [new() { Name = "c", IsEssential = true, StartedAt = Noon, StoppedAt = Noon, ExitCode = 6, Reason = "because" }],
            },
        ],
        PayloadTypes.Default.AttemptReports,
        """
        [{"attempt":{"jobId":"job","fence":2},"reservationId":"r","environmentKey":"e","outcome":2,"startedAt":"2026-01-01T12:00:00+00:00",
        "stoppedAt":"2026-01-01T12:00:00+00:00","exitCode":3,"reason":"why","usage":{"peakMemoryBytes":4,"cpuTime":"00:00:05"},"unlimited":"u",
        "containers":[{"name":"c","isEssential":true,"startedAt":"2026-01-01T12:00:00+00:00","stoppedAt":"2026-01-01T12:00:00+00:00","exitCode":6,"reason":"because"}]}]
        """);

    [Fact]
    public void A_hello_is_written_whole_and_by_these_names() => Pins(
        new AgentHello
        {
            NodeId = "n",
            Incarnation = "i",
            Attempts = [new("job", 2)],
            Capacity = new() { VcpuMillis = 1, MemoryMiB = 2, Gpus = 3 },
            Joins = ["pool"],
            Lease = TimeSpan.FromMinutes(1),
            Number = 4,
        },
        PayloadTypes.Default.AgentHello,
        """
        {"nodeId":"n","incarnation":"i","attempts":[{"jobId":"job","fence":2}],"capacity":{"vcpuMillis":1,"memoryMiB":2,"gpus":3},"joins":["pool"],"lease":"00:01:00","number":4}
        """);

    [Fact]
    public void A_query_and_its_page_are_written_whole_and_by_these_names()
    {
        Pins(
            new LogQuery { Log = Log, Offset = 1, Forwards = true, From = Noon, Until = Noon, Limit = 2, MaxBytes = 3 },
            PayloadTypes.Default.LogQuery,
            $$"""
            {"log":{{LogJson}},"offset":1,"forwards":true,"from":"2026-01-01T12:00:00+00:00","until":"2026-01-01T12:00:00+00:00","limit":2,"maxBytes":3}
            """);
        Pins(
            new LogPage { Exists = true, Lines = [new(Noon, "m", 4)], Begin = 5, End = 6, HasMore = true },
            PayloadTypes.Default.LogPage,
            """
            {"exists":true,"lines":[{"timestamp":"2026-01-01T12:00:00+00:00","message":"m","offset":4}],"begin":5,"end":6,"hasMore":true}
            """);
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over()
    {
        var hello = PayloadJson.Read(
            ByteString.CopyFromUtf8("""{"nodeId":"n","incarnation":"i","attempts":[],"capacity":{"tpus":9},"favourite":"colour"}"""),
            PayloadTypes.Default.AgentHello);
        Assert.Equal(("n", 0, null), (hello.NodeId, hello.Joins.Length, hello.Lease));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1]")]
    public void Nonsense_is_seen(string json) =>
        Assert.Throws<InvalidDataException>(() => PayloadJson.Read(ByteString.CopyFromUtf8(json), PayloadTypes.Default.AgentHello));

    [Fact]
    public void A_long_list_is_cut_and_nothing_is_lost()
    {
        ImmutableArray<AttemptReport> reports = [.. Enumerable.Range(0, 5_000).Select(i => new AttemptReport
        {
            Attempt = new($"job-{i}", 1),
            ReservationId = new('r', 200),
            EnvironmentKey = "e",
            Outcome = AttemptOutcome.Exited,
        })];

        var parts = ProtocolLimits.Cut(reports, PayloadTypes.Default.AttemptReports).ToList();

        Assert.InRange(parts.Count, 2, 10);
        Assert.All(parts, part => Assert.InRange(part.Payload.Length, 1, ProtocolLimits.UsualMessage));
        Assert.Equal(reports, parts.SelectMany(part => part.Items));
        Assert.Equal(reports.Select(report => report.Attempt), parts.SelectMany(part => PayloadJson.Read(part.Payload, PayloadTypes.Default.AttemptReports)).Select(report => report.Attempt));
    }

    private static void Pins<T>(T value, JsonTypeInfo<T> type, string json)
    {
        var pinned = json.ReplaceLineEndings("");
        Assert.Equal(pinned, PayloadJson.Write(value, type).ToStringUtf8());
        Assert.Equal(pinned, Encoding.UTF8.GetString(PayloadJson.Write(PayloadJson.Read(ByteString.CopyFromUtf8(pinned), type), type).Span));
    }
}
