using OrleansBatch.Core.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Tests.Logs;

public sealed class LogListingRuleTests
{
    private const string Arn = "arn:aws:logs:us-east-1:123456789012:log-group:";

    private static readonly Scope Scope = new("123456789012", "us-east-1");

    private static readonly (string, DateTimeOffset)[] Some =
        [("/aws/batch/job", DateTimeOffset.UnixEpoch), ("a", At(1)), ("ab", At(2)), ("b/ab", At(3))];

    [Theory]
    [InlineData(null, null, null, "/aws/batch/job a ab b/ab")]
    [InlineData("a", null, null, "a ab")]
    [InlineData(null, "ab", null, "ab b/ab")]
    [InlineData(null, "AB", null, "")]
    [InlineData(null, null, "STANDARD", "/aws/batch/job a ab b/ab")]
    [InlineData(null, null, "DELIVERY", "")]
    public void Groups_are_found_by_prefix_pattern_and_class(string? prefix, string? pattern, string? kind, string expected)
    {
        var request = new DescribeLogGroupsRequest { LogGroupNamePrefix = prefix, LogGroupNamePattern = pattern, LogGroupClass = kind };

        foreach (var limit in new[] { 1, 2, 50 })
        {
            Assert.Equal(expected, string.Join(' ', Pages(request with { Limit = limit }).Select(group => group.LogGroupName)));
        }
    }

    [Fact]
    public void A_group_is_described_in_full_and_with_a_pattern_in_short()
    {
        Assert.Equal(
            new() { LogGroupName = "a", CreationTime = 1, MetricFilterCount = 0, Arn = Arn + "a:*", LogGroupArn = Arn + "a", StoredBytes = 0, LogGroupClass = "STANDARD" },
            Pages(new() { LogGroupNamePrefix = "a" }).First());
        Assert.Equal(new() { LogGroupName = "a", CreationTime = 1, Arn = Arn + "a:*" }, Pages(new() { LogGroupNamePattern = "a" }).ElementAt(1));
    }

    [Fact]
    public void Groups_are_asked_for_by_name_or_arn_and_those_of_others_are_missing() => Assert.Equal(
        ["a", "b/ab"],
        GroupsPlan.Of(new() { LogGroupIdentifiers = ["b/ab", Arn + "a", "arn:aws:logs:eu-west-1:123456789012:log-group:c", "a"] }, Scope).Names!.Value);

    [Fact]
    public void What_a_listing_of_groups_cannot_be_is_refused_by_name()
    {
        Assert.Contains("logGroupNamePattern", Refused(new() { LogGroupNamePrefix = "a", LogGroupNamePattern = "a" }), StringComparison.Ordinal);
        Assert.Contains("logGroupIdentifiers", Refused(new() { LogGroupIdentifiers = ["a"], LogGroupNamePrefix = "a" }), StringComparison.Ordinal);
        Assert.Contains("logGroupIdentifiers", Refused(new() { LogGroupIdentifiers = [] }), StringComparison.Ordinal);
        Assert.Contains("51", Refused(new() { LogGroupIdentifiers = [.. Enumerable.Range(0, 51).Select(i => $"g{i}")] }), StringComparison.Ordinal);
        Assert.Contains("logGroupClass", Refused(new() { LogGroupClass = "GOLD" }), StringComparison.Ordinal);
        Assert.Contains("accountIdentifiers", Refused(new() { AccountIdentifiers = [.. Enumerable.Repeat("1", 21)] }), StringComparison.Ordinal);
        Assert.Contains("logGroupNamePrefix", Refused(new() { LogGroupNamePrefix = "a b" }), StringComparison.Ordinal);
        Assert.Contains("limit", Refused(new() { Limit = 51 }), StringComparison.Ordinal);
        Assert.Contains("nextToken", Refused(new() { NextToken = "x" }), StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_listing_of_streams_cannot_be_is_refused_by_name()
    {
        Assert.Contains("LastEventTime", RefusedStreams(new() { LogGroupName = "g", OrderBy = "LastEventTime", LogStreamNamePrefix = "a" }), StringComparison.Ordinal);
        Assert.Contains("orderBy", RefusedStreams(new() { LogGroupName = "g", OrderBy = "Size" }), StringComparison.Ordinal);
        Assert.Contains("limit", RefusedStreams(new() { LogGroupName = "g", Limit = 0 }), StringComparison.Ordinal);
        Assert.Contains("logStreamNamePrefix", RefusedStreams(new() { LogGroupName = "g", LogStreamNamePrefix = "a:b" }), StringComparison.Ordinal);
        Assert.Contains("logGroupName", RefusedStreams(new()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_is_described_with_its_times_and_a_silent_one_without()
    {
        var plan = StreamsPlan.Of(new() { LogGroupName = "g", OrderBy = "LastEventTime", Descending = true }, Scope, At(0));
        var answer = plan.Answer([new("a", At(1), At(2), At(3)), new("b", At(5), null, null), new("c", At(1), At(2), At(9))], last: "cursor");

        Assert.Equal(["c", "b", "a"], answer.LogStreams.Select(stream => stream.LogStreamName));
        Assert.Equal(
            new() { LogStreamName = "a", CreationTime = 1, FirstEventTimestamp = 2, LastEventTimestamp = 3, LastIngestionTime = 3, Arn = Arn + "g:log-stream:a" },
            answer.LogStreams[2]);
        Assert.Equal((null, null), (answer.LogStreams[1].FirstEventTimestamp, answer.LogStreams[1].LastEventTimestamp));
        Assert.Equal("cursor", StreamsPlan.Of(new() { LogGroupName = "g", OrderBy = "LastEventTime", Descending = true, NextToken = answer.NextToken }, Scope, At(7)).After);
        Assert.Contains("nextToken", RefusedStreams(new() { LogGroupName = "g", NextToken = answer.NextToken }), StringComparison.Ordinal);
    }

    private static IEnumerable<LogGroup> Pages(DescribeLogGroupsRequest request)
    {
        while (true)
        {
            var plan = GroupsPlan.Of(request, Scope);

            // A store that gives two groups at a time.
            var rest = Some.Where(group => string.CompareOrdinal(group.Item1, plan.From) >= 0).ToList();
            var page = plan.Answer([.. rest.Take(2)], rest.Count > 2);
            foreach (var group in page.LogGroups)
            {
                yield return group;
            }

            if (page.NextToken is null)
            {
                yield break;
            }

            request = request with { NextToken = page.NextToken };
        }
    }

    private static string Refused(DescribeLogGroupsRequest request) => Assert.Throws<LogsClientException>(() => GroupsPlan.Of(request, Scope)).Message;

    private static string RefusedStreams(DescribeLogStreamsRequest request) => Assert.Throws<LogsClientException>(() => StreamsPlan.Of(request, Scope, default)).Message;

    private static DateTimeOffset At(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
