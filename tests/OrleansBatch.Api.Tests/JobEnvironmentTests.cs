using System.Text;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Tests;

/// <summary>The operator's variables for jobs, on our own part of the API.</summary>
public sealed class JobEnvironmentTests
{
    private static readonly JobEnvironmentNames TwoNames = new() { Names = ["A", "B"] };

    [Theory]
    [InlineData("/api/job-queues/q/job-environment")]
    [InlineData("/api/compute-environments/q/job-environment")]
    public async Task A_put_replaces_them_and_tells_names_only(string path)
    {
        await using var server = await ABatchServer.StartAsync(_ => TwoNames);

        var answer = await server.SendAsync(HttpMethod.Put, path, Body("""{"variables":{"A":"1","B":"2"}}"""));

        Assert.Equal((200, """{"names":["A","B"]}"""), (answer.Status, answer.Body));
        var call = server.Grains.Calls.Single();
        var request = Assert.IsType<SetJobEnvironmentRequest>(call.Request);
        Assert.Equal("SetJobEnvironment", call.Method);
        Assert.Equal("q", request.Name);
        Assert.Equal(new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }, request.Variables);
    }

    [Fact]
    public async Task A_get_tells_their_names()
    {
        await using var server = await ABatchServer.StartAsync(_ => TwoNames);

        var answer = await server.SendAsync(HttpMethod.Get, "/api/job-queues/q/job-environment", null);

        Assert.Equal((200, """{"names":["A","B"]}"""), (answer.Status, answer.Body));
        Assert.Equal(("JobEnvironment", "q"), (server.Grains.Calls.Single().Method, server.Grains.Calls.Single().Request));
    }

    [Theory]
    [InlineData("POST", """{"variables":{}}""", 405)]
    [InlineData("PUT", """{"variables":[]}""", 400)]
    [InlineData("PUT", """{"variables":{"A":null}}""", 400)]
    [InlineData("PUT", "{", 400)]
    public async Task What_is_no_such_request_is_refused(string method, string body, int status)
    {
        await using var server = await ABatchServer.StartAsync(_ => TwoNames);

        var answer = await server.SendAsync(new(method), "/api/job-queues/q/job-environment", Body(body));

        Assert.Equal((status, "ClientException"), (answer.Status, answer.ErrorType));
        Assert.Empty(server.Grains.Calls);
    }

    private static ByteArrayContent Body(string json) => new(Encoding.UTF8.GetBytes(json));
}
