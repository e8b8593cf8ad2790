using System.Text;
using OrleansBatch.Model;
using OrleansBatch.Model.Events;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Api.Tests;

/// <summary>Events and webhooks, on our own part of the API.</summary>
public sealed class EventTests
{
    private static readonly ListEventsResponse Nothing = new() { Events = [], NextCursor = "7", HasMore = true };

    private static readonly WebhookDetail Hook = new()
    {
        Name = "hook",
        Url = "http://a/",
        DetailTypes = [],
        Statuses = ["FAILED"],
        JobQueues = [],
        HasSecret = true,
        State = "ENABLED",
        MaximumRetryAttempts = 10,
        Cursor = "7",
    };

    [Fact]
    public async Task Events_of_all_jobs_are_listed_as_the_query_says()
    {
        await using var server = await ABatchServer.StartAsync(_ => Nothing);

        var answer = await server.SendAsync(
            HttpMethod.Get, "/api/events?after=5&maxResults=3&status=FAILED&status=SUCCEEDED&jobQueue=q&detailType=Batch%20Job%20State%20Change&waitSeconds=2", null);

        Assert.Equal((200, """{"events":[],"nextCursor":"7","hasMore":true}"""), (answer.Status, answer.Body));
        var request = Assert.IsType<ListEventsRequest>(server.Grains.Calls.Single().Request);
        Assert.Equal((null, "5", 3, 2), (request.JobId, request.After, request.MaxResults, request.WaitSeconds));
        Assert.Equal(["FAILED", "SUCCEEDED"], request.Statuses);
        Assert.Equal(["q"], request.JobQueues);
        Assert.Equal(["Batch Job State Change"], request.DetailTypes);
    }

    [Fact]
    public async Task Events_of_one_job_are_listed_under_it()
    {
        await using var server = await ABatchServer.StartAsync(_ => Nothing);

        Assert.Equal(200, (await server.SendAsync(HttpMethod.Get, "/api/jobs/abc:3/events", null)).Status);
        Assert.Equal("abc:3", Assert.IsType<ListEventsRequest>(server.Grains.Calls.Single().Request).JobId);
    }

    [Fact]
    public async Task Who_accepts_a_stream_gets_each_event_as_it_comes_and_goes_on_from_the_last()
    {
        var asked = new List<ListEventsRequest>();
        await using var server = await ABatchServer.StartAsync(call =>
        {
            var request = (ListEventsRequest)call.Request;
            asked.Add(request);
            return new ListEventsResponse { Events = asked.Count <= 2 ? [Event(asked.Count)] : [], NextCursor = $"{asked.Count}" };
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, "/api/events?status=FAILED"));
        request.Headers.Add("Accept", "text/event-stream");
        request.Headers.Add("Last-Event-ID", "41");

        using var answer = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        List<string> read = [];
        while (read.Count < 7)
        {
            read.Add((await lines.ReadLineAsync(TestContext.Current.CancellationToken))!);
        }

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["id: 1", "", "id: 2", "", ":"], read.Where(line => !line.StartsWith("data: {", StringComparison.Ordinal)));
        Assert.Equal(("41", 0, "FAILED"), (asked[0].After, asked[0].WaitSeconds, asked[0].Statuses![0]));
        Assert.Equal(("1", 15, "FAILED"), (asked[1].After, asked[1].WaitSeconds, asked[1].Statuses![0]));
    }

    [Fact]
    public async Task A_mistake_is_answered_as_one_even_to_who_wants_a_stream()
    {
        await using var server = await ABatchServer.StartAsync(_ => throw new BatchClientException("no"));

        var answer = await server.SendAsync(HttpMethod.Get, "/api/events", null, ("Accept", "text/event-stream"));

        Assert.Equal((400, "ClientException", "no"), (answer.Status, answer.ErrorType, answer.Message));
    }

    [Theory]
    [InlineData("POST", "/api/events", 405)]
    [InlineData("GET", "/api/events?maxResults=x", 400)]
    [InlineData("GET", "/api/events?after=1&after=2", 400)]
    [InlineData("GET", "/api/events?states=FAILED", 400)]
    [InlineData("PUT", "/api/webhooks/hook", 405)]
    public async Task What_is_no_such_request_is_refused(string method, string path, int status)
    {
        await using var server = await ABatchServer.StartAsync(_ => Nothing);

        var answer = await server.SendAsync(new(method), path, null);

        Assert.Equal((status, "ClientException"), (answer.Status, answer.ErrorType));
        Assert.Empty(server.Grains.Calls);
    }

    [Theory]
    [InlineData("POST", "/api/webhooks", "Create")]
    [InlineData("PATCH", "/api/webhooks/hook", "Update")]
    public async Task A_webhook_is_made_and_changed_and_its_secret_never_given_back(string method, string path, string called)
    {
        await using var server = await ABatchServer.StartAsync(_ => Hook);

        var answer = await server.SendAsync(new(method), path, Body("""{"name":"hook","url":"http://a/","secret":"0123456789abcdef"}"""));

        Assert.Equal(200, answer.Status);
        Assert.DoesNotContain("0123456789abcdef", answer.Body, StringComparison.Ordinal);
        var call = server.Grains.Calls.Single();
        var request = Assert.IsType<WebhookRequest>(call.Request);
        Assert.Equal((called, "hook", "http://a/", "0123456789abcdef"), (call.Method, request.Name, request.Url, request.Secret));
    }

    [Fact]
    public async Task Dead_letters_are_sent_again_as_the_body_says()
    {
        await using var server = await ABatchServer.StartAsync(_ => new RedriveResponse { Delivered = 1, Failed = 2 });

        var answer = await server.SendAsync(HttpMethod.Post, "/api/webhooks/hook/dead-letters/redrive", Body("""{"cursors":["3"]}"""));

        Assert.Equal((200, """{"delivered":1,"failed":2}"""), (answer.Status, answer.Body));
    }

    [Fact]
    public async Task A_webhook_is_described_listed_and_deleted_by_its_path()
    {
        await using var server = await ABatchServer.StartAsync(call => call.Method switch
        {
            "Describe" => Hook,
            "List" => new ListWebhooksResponse { Webhooks = [Hook] },
            "ListDeadLetters" => new ListDeadLettersResponse { DeadLetters = [], NextCursor = "3" },
            _ => null,
        });

        var described = await server.SendAsync(HttpMethod.Get, "/api/webhooks/hook", null);
        Assert.Contains("\"hasSecret\":true", described.Body, StringComparison.Ordinal);
        Assert.Contains("\"webhooks\":[{", (await server.SendAsync(HttpMethod.Get, "/api/webhooks", null)).Body, StringComparison.Ordinal);
        Assert.Equal((200, "{}"), ((await server.SendAsync(HttpMethod.Delete, "/api/webhooks/hook", null)) is var gone ? (gone.Status, gone.Body) : default));
        Assert.Equal("""{"deadLetters":[],"nextCursor":"3"}""", (await server.SendAsync(HttpMethod.Get, "/api/webhooks/hook/dead-letters", null)).Body);
    }

    private static BatchEvent Event(int number) => new()
    {
        Id = $"id {number}",
        DetailType = "Batch Job State Change",
        Account = "123456789012",
        Time = "2026-08-01T12:00:00Z",
        Region = "us-east-1",
        Resources = [],
        Cursor = $"{number}",
        Detail = new()
        {
            JobArn = "arn",
            JobName = "n",
            JobId = "i",
            JobQueue = "q",
            Status = "FAILED",
            Attempts = [],
            CreatedAt = 1,
            JobDefinition = "d",
            Parameters = new Dictionary<string, string>(),
            Tags = new Dictionary<string, string>(),
            PlatformCapabilities = [],
        },
    };

    private static ByteArrayContent Body(string json) => new(Encoding.UTF8.GetBytes(json));
}
