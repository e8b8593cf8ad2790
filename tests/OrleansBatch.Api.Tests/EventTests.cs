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
        Name = "hook", Url = "http://a/", DetailTypes = [], Statuses = ["FAILED"], JobQueues = [], HasSecret = true, State = "ENABLED", MaximumRetryAttempts = 10, Cursor = "7",
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

    private static ByteArrayContent Body(string json) => new(Encoding.UTF8.GetBytes(json));
}
