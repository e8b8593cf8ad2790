using CsCheck;
using OrleansBatch.Core.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Tests.Logs;

/// <summary>Pages of several streams, made of what a reader gives of each: none misses a line, gives one twice or out of order.</summary>
public sealed class LogMergeTests
{
    private const long T0 = 1_800_000_000_000;

    private static readonly Scope Scope = new("123456789012", "us-east-1");

    private static readonly DateTimeOffset Boundary = DateTimeOffset.FromUnixTimeMilliseconds(T0);

    /// <summary>Streams of lines, each line so many milliseconds after the one before: many share one.</summary>
    private static readonly Gen<int[][]> Streams = Gen.Frequency((5, Gen.Const(0)), (3, Gen.Int[1, 3]), (1, Gen.Int[10, 50])).Array[0, 30].Array[1, 6];

    [Fact]
    public void All_pages_together_hold_every_line_once_in_the_order_of_time() =>
        Gen.Select(Streams, Gen.Int[1, 7], Gen.Int[1, 20], Gen.Bool, Gen.OneOf<string?>(null, "3", "-1"), Gen.Int[0, 60], Gen.Int[0, 120]).Sample(
            (gaps, lines, limit, forwards, pattern, from, until) =>
            {
                var streams = gaps.Select((of, i) => new FakeLog($"p/default/{i}", of)).ToArray();
                var request = new FilterLogEventsRequest
                {
                    LogGroupName = "g",
                    LogStreamNames = [.. streams.Select(stream => stream.Name)],
                    StartTime = T0 + from,
                    EndTime = T0 + until,
                    FilterPattern = pattern,
                    Limit = limit,
                    StartFromHead = forwards,
                };

                var events = Pages(request, streams, lines).ToList();

                var expected = streams.SelectMany(stream => stream.Lines.Select(line => (stream.Name, Line: line)))
                    .Where(one => one.Line.Timestamp.ToUnixTimeMilliseconds() >= T0 + from && one.Line.Timestamp.ToUnixTimeMilliseconds() <= T0 + until)
                    .Where(one => FilterPattern.Parse(pattern).Matches(one.Line.Message))
                    .Select(one => $"{one.Name} {one.Line.Message}");
                Assert.Equal(expected.Order(), events.Select(one => $"{one.LogStreamName} {one.Message}").Order());
                var ids = events.Select(one => one.EventId).ToList();
                Assert.Equal(forwards ? ids.Order(StringComparer.Ordinal) : ids.OrderDescending(StringComparer.Ordinal), ids);
                Assert.Equal(ids.Count, ids.Distinct().Count());
            },
            iter: 3000);

    [Fact]
    public void A_page_holds_up_to_a_mebibyte_and_never_less_than_one_line()
    {
        var log = new FakeLog("s", [0, 0, 0], new string('x', 700_000));
        var request = new FilterLogEventsRequest { LogGroupName = "g", LogStreamNames = ["s"] };

        Assert.Equal(3, Pages(request, [log], 100).Count());
        Assert.Single(LogMerge.Page(FilterPlan.Of(request, Scope, Boundary), [("s", log.Read(FilterPlan.Of(request, Scope, Boundary).QueryOf("s", 100)))], null, false).Events);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("AAAA")]
    [InlineData("f/0000000000000000000000000000000/s")]
    public void A_foreign_token_is_refused(string token) => Assert.Equal(
        "The specified nextToken is invalid.",
        Assert.Throws<LogsClientException>(() => FilterPlan.Of(new() { LogGroupName = "g", NextToken = token }, Scope, Boundary)).Message);

    [Fact]
    public void A_token_of_another_query_is_refused()
    {
        var log = new FakeLog("s", [0, 0, 0]);
        var request = new FilterLogEventsRequest { LogGroupName = "g", LogStreamNames = ["s"], Limit = 1 };
        var token = LogMerge.Page(FilterPlan.Of(request, Scope, Boundary), [("s", log.Read(FilterPlan.Of(request, Scope, Boundary).QueryOf("s", 1)))], null, false).NextToken;

        _ = FilterPlan.Of(request with { NextToken = token, Limit = 5 }, Scope, Boundary);
        foreach (var other in new[] { request with { LogGroupName = "h" }, request with { LogStreamNames = ["t"] }, request with { FilterPattern = "x" }, request with { StartTime = 1 } })
        {
            Assert.Throws<LogsClientException>(() => FilterPlan.Of(other with { NextToken = token }, Scope, Boundary));
        }
    }

    [Theory]
    [InlineData("logStreamNames", 0)]
    [InlineData("logStreamNames", 101)]
    public void Stream_names_are_1_to_100(string member, int count) => Assert.Contains(
        member,
        Assert.Throws<LogsClientException>(() => FilterPlan.Of(new() { LogGroupName = "g", LogStreamNames = [.. Enumerable.Range(0, count).Select(i => $"s{i}")] }, Scope, Boundary)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void Names_and_prefix_exclude_each_other_and_the_newest_first_needs_a_time()
    {
        Assert.Contains("Only one of", Refusal(new() { LogGroupName = "g", LogStreamNames = ["s"], LogStreamNamePrefix = "s" }), StringComparison.Ordinal);
        Assert.Contains("2024-01-01", Refusal(new() { LogGroupName = "g", StartFromHead = false }), StringComparison.Ordinal);
        Assert.Contains("2024-01-01", Refusal(new() { LogGroupName = "g", StartFromHead = false, StartTime = 1_704_067_199_999 }), StringComparison.Ordinal);
        _ = FilterPlan.Of(new() { LogGroupName = "g", StartFromHead = false, StartTime = 1_704_067_200_000 }, Scope, Boundary);
        Assert.Contains("limit", Refusal(new() { LogGroupName = "g", Limit = 10_001 }), StringComparison.Ordinal);
        Assert.Contains("endTime", Refusal(new() { LogGroupName = "g", EndTime = -1 }), StringComparison.Ordinal);
        _ = FilterPlan.Of(new() { LogGroupName = "g", EndTime = long.MaxValue, StartTime = long.MaxValue }, Scope, Boundary);
    }

    private static string Refusal(FilterLogEventsRequest request) =>
        Assert.Throws<LogsClientException>(() => FilterPlan.Of(request, Scope, Boundary)).Message;

    private static IEnumerable<FilteredLogEvent> Pages(FilterLogEventsRequest request, FakeLog[] streams, int lines)
    {
        for (var pages = 0; ; pages++)
        {
            Assert.True(pages < 2_000, "The pages never end.");
            var plan = FilterPlan.Of(request, Scope, Boundary);
            var page = LogMerge.Page(plan, [.. streams.Select(stream => (stream.Name, stream.Read(plan.QueryOf(stream.Name, lines))))], null, hasMore: false);
            Assert.True(page.Events.Count <= plan.Limit);
            foreach (var one in page.Events)
            {
                yield return one;
            }

            if (page.NextToken is null)
            {
                yield break;
            }

            request = request with { NextToken = page.NextToken };
        }
    }

    /// <summary>A log of lines of ten bytes, read as an agent reads one.</summary>
    private sealed class FakeLog
    {
        private const int LineBytes = 10;

        public FakeLog(string name, int[] gaps, string? text = null)
        {
            Name = name;
            var at = T0;
            Lines = [.. gaps.Select((gap, i) => new LogLine(DateTimeOffset.FromUnixTimeMilliseconds(at += gap), text ?? $"line {i}", i * LineBytes))];
        }

        public string Name { get; }

        public LogLine[] Lines { get; }

        public LogPage Read(LogQuery query)
        {
            var inTime = Lines.Where(line => !(line.Timestamp < query.From) && !(line.Timestamp >= query.Until))
                .Where(line => query.Forwards ? line.Offset >= (query.Offset ?? 0) : line.Offset < (query.Offset ?? long.MaxValue))
                .ToList();
            var count = inTime.Count > 0 ? Math.Max(1, Math.Min(query.Limit, query.MaxBytes / inTime[0].Message.Length)) : 0;
            var taken = query.Forwards ? inTime.Take(count).ToList() : inTime.TakeLast(count).ToList();
            return new()
            {
                Exists = true,
                Lines = [.. taken],
                Begin = taken.Count > 0 ? taken[0].Offset : query.Offset ?? 0,
                End = taken.Count > 0 ? taken[^1].Offset + LineBytes : query.Offset ?? 0,
                HasMore = taken.Count < inTime.Count,
            };
        }
    }
}
