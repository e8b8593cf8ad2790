namespace OrleansBatch.Api.Tests;

public sealed class RoutingTests
{
    public static TheoryData<string> LaterOperations => [.. OperationIndex.Later];

    [Theory]
    [InlineData("POST", "/v1/nosuchoperation")]
    [InlineData("GET", "/")]
    [InlineData("GET", "/v1")]
    [InlineData("POST", "/v2/submitjob")]
    [InlineData("POST", "/v1/submitjob/extra")]
    [InlineData("GET", "/favicon.ico")]
    [InlineData("DELETE", "/%E4%B8%AD/%2Fx")]
    public async Task An_unknown_path_names_no_operation(string method, string path)
    {
        await using var server = await ABatchServer.StartAsync();

        (await server.SendAsync(new(method), path, null)).AssertError(404, "UnknownOperationException");

        Assert.Empty(server.Grains.Calls);
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    [InlineData("PATCH")]
    [InlineData("OPTIONS")]
    public async Task A_known_path_with_another_method_says_which_one_it_takes(string method)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = (await server.SendAsync(new(method), "/v1/submitjob", null)).AssertError(405, "ClientException");

        Assert.Equal(["POST"], answer.ContentHeaders.Allow);
        Assert.Equal($"/v1/submitjob takes POST, not {method}.", answer.Message);
        (await server.SendAsync(new(method), "/v1/canceljobs", null)).AssertError(405, "ClientException");
        Assert.Empty(server.Grains.Calls);
    }

    [Theory]
    [MemberData(nameof(LaterOperations))]
    public async Task A_known_operation_that_is_not_there_yet_says_so_and_is_never_404(string name)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = (await server.PostAsync(Operation.PathOf(name), "{}")).AssertClientException();

        Assert.Equal($"{name} is not available yet.", answer.Message);
    }

    [Theory]
    [InlineData("/v1/describejobs")]
    [InlineData("/v1/DescribeJobs")]
    [InlineData("/v1/describe%6Aobs")]
    [InlineData("/v1/describejobs?X-Amz-Date=20260101T000000Z&a=%20b")]
    public async Task A_path_may_be_percent_encoded_and_carry_a_query(string path)
    {
        await using var server = await ABatchServer.StartAsync();

        Assert.Equal(200, (await server.PostAsync(path, "{}")).Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/x-amz-json-1.1")]
    [InlineData("text/plain; charset=latin1")]
    [InlineData("nonsense")]
    public async Task Any_content_type_will_do(string contentType)
    {
        await using var server = await ABatchServer.StartAsync();
        ByteArrayContent content = new("{}"u8.ToArray());
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", contentType));

        Assert.Equal(200, (await server.SendAsync(HttpMethod.Post, "/v1/describejobs", content)).Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Logs_20140328.PutLogEvents")]
    [InlineData("logs_20140328.getlogevents")]
    [InlineData("DynamoDB_20120810.ListTables")]
    public async Task Another_target_is_an_unknown_operation(string? target)
    {
        await using var server = await ABatchServer.StartAsync();
        (string, string)[] headers = target is null ? [] : [("X-Amz-Target", target)];

        var answer = (await server.PostAsync("/", "{}", headers)).AssertError(400, "UnknownOperationException");

        Assert.Contains(target ?? "X-Amz-Target", answer.Message, StringComparison.Ordinal);
    }
}
