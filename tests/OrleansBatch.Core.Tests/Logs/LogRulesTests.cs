using CsCheck;
using OrleansBatch.Core.Logs;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Tests.Logs;

public sealed class LogRulesTests
{
    private static readonly Scope Here = new("123456789012", "us-east-1");

    private static readonly GetLogEventsRequest Good = new() { LogGroupName = "/aws/batch/job", LogStreamName = "sleep/default/0123" };

    public static TheoryData<GetLogEventsRequest> Refused =>
    [
        Good with { LogGroupName = null },
        Good with { LogGroupIdentifier = "/aws/batch/job" },
        Good with { LogGroupName = "" },
        Good with { LogGroupName = "a b" },
        Good with { LogGroupName = new string('a', 513) },
        Good with { LogGroupName = null, LogGroupIdentifier = new string('a', 2049) },
        Good with { LogGroupName = null, LogGroupIdentifier = "arn:aws:s3:::bucket" },
        Good with { LogStreamName = null },
        Good with { LogStreamName = "" },
        Good with { LogStreamName = "a:b" },
        Good with { LogStreamName = "a*" },
        Good with { LogStreamName = new string('a', 513) },
        Good with { StartTime = -1 },
        Good with { EndTime = -1 },
        Good with { Limit = 0 },
        Good with { Limit = 10_001 },
        Good with { NextToken = "" },
        Good with { NextToken = "f/1/s" },
        Good with { NextToken = "x/00000000000000000000000000000/s" },
        Good with { NextToken = "f/00000000000000000000000000000/s" },
    ];

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_request_that_breaks_a_rule_is_refused_as_an_invalid_parameter(GetLogEventsRequest request) =>
        Assert.Equal("InvalidParameterException", Assert.Throws<LogsClientException>(() => LogRules.GetEvents(request, Here)).Code);

    [Fact]
    public void Without_a_token_the_newest_events_are_meant_unless_the_head_is_asked_for()
    {
        Assert.Equal((false, null, 10_000), Facts(LogRules.GetEvents(Good, Here)));
        Assert.Equal((true, null, 5), Facts(LogRules.GetEvents(Good with { StartFromHead = true, Limit = 5 }, Here)));
    }

    [Theory]
    [InlineData("/aws/batch/job")]
    [InlineData("arn:aws:logs:us-east-1:123456789012:log-group:/aws/batch/job")]
    [InlineData("arn:aws:logs:us-east-1:123456789012:log-group:/aws/batch/job:*")]
    public void A_group_may_be_named_by_identifier(string identifier) => Assert.Equal(
        "/aws/batch/job", LogRules.GetEvents(Good with { LogGroupName = null, LogGroupIdentifier = identifier }, Here).Log.Group);

    [Fact]
    public void A_group_of_another_region_does_not_exist_here()
    {
        var refusal = Assert.Throws<LogsClientException>(() => LogRules.GetEvents(
            Good with { LogGroupName = null, LogGroupIdentifier = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/batch/job" }, Here));

        Assert.Equal(("ResourceNotFoundException", "The specified log group does not exist."), (refusal.Code, refusal.Message));
    }

    [Fact]
    public void A_stream_that_is_not_there_is_told_as_such()
    {
        var refusal = Assert.Throws<LogsClientException>(() => LogRules.Answer(LogRules.GetEvents(Good, Here), new() { Exists = false }));

        Assert.Equal(("ResourceNotFoundException", "The specified log stream does not exist."), (refusal.Code, refusal.Message));
    }

    [Fact]
    public void Times_bound_the_query_and_may_lie_beyond_every_clock()
    {
        var query = LogRules.GetEvents(Good with { StartTime = 1000, EndTime = long.MaxValue }, Here);

        Assert.Equal((DateTimeOffset.FromUnixTimeSeconds(1), DateTimeOffset.MaxValue), (query.From, query.Until));
    }

    [Fact]
    public void Events_carry_the_lines_and_their_time_twice()
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(1700);

        var answer = LogRules.Answer(LogRules.GetEvents(Good, Here), new() { Exists = true, Lines = [new(at, "hello", 0)], Begin = 0, End = 6 });

        Assert.Equal(new OutputLogEvent { Timestamp = 1700, Message = "hello", IngestionTime = 1700 }, Assert.Single(answer.Events));
    }

    [Fact]
    public void A_tokens_direction_decides_over_start_from_head()
    {
        var answer = LogRules.Answer(LogRules.GetEvents(Good, Here), new() { Exists = true, Begin = 10, End = 20 });

        Assert.Equal((true, 20, 10_000), Facts(LogRules.GetEvents(Good with { NextToken = answer.NextForwardToken, StartFromHead = false }, Here)));
        Assert.Equal((false, 10, 10_000), Facts(LogRules.GetEvents(Good with { NextToken = answer.NextBackwardToken, StartFromHead = true }, Here)));
    }

    [Fact]
    public void A_token_of_another_stream_is_refused()
    {
        var token = LogRules.Answer(LogRules.GetEvents(Good, Here), new() { Exists = true, Begin = 0, End = 20 }).NextForwardToken;

        Assert.Throws<LogsClientException>(() => LogRules.GetEvents(Good with { LogStreamName = "other/default/1", NextToken = token }, Here));
        Assert.Throws<LogsClientException>(() => LogRules.GetEvents(Good with { NextToken = token }, Here with { Region = "eu-west-1" }));
    }

    [Fact]
    public void At_the_end_the_token_that_was_sent_comes_back() => Gen.Long[0, long.MaxValue].Sample(end =>
    {
        var page = new LogPage { Exists = true, Begin = end, End = end };
        var token = LogRules.Answer(LogRules.GetEvents(Good, Here), page).NextForwardToken;

        var query = LogRules.GetEvents(Good with { NextToken = token }, Here);
        var again = LogRules.Answer(query, page);

        Assert.Equal(end, query.Offset);
        Assert.Empty(again.Events);
        Assert.Equal(token, again.NextForwardToken);
    });

    private static (bool Forwards, long? Offset, int Limit) Facts(LogQuery query) => (query.Forwards, query.Offset, query.Limit);
}
