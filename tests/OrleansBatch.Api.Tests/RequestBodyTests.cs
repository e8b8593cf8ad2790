using System.Net;
using System.Net.Sockets;
using System.Text;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Api.Tests;

public sealed class RequestBodyTests
{
    [Theory]
    [InlineData("{", "The request body is not valid JSON, or nested deeper than 64 levels (line 1, byte 2).")]
    [InlineData("{\"jobName\":\n NaN}", "The request body is not valid JSON, or nested deeper than 64 levels (line 2, byte 2).")]
    [InlineData("{\"jobName\":\"a\",}", null)]
    [InlineData("{\"jobName\":\"a\"} // comment", null)]
    [InlineData("{\"jobName\":\"a\"}{}", null)]
    [InlineData("{'jobName':'a'}", null)]
    [InlineData("{\"a\":1e}", null)]
    [InlineData("{\"a\":-Infinity}", null)]
    [InlineData(" ", null)]
    [InlineData("\u0000", null)]
    [InlineData("jobName=a", null)]
    public async Task What_is_not_json_is_refused(string body, string? message)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = (await server.PostAsync("/v1/submitjob", body)).AssertClientException();

        Assert.Equal(message ?? answer.Message, answer.Message);
        Assert.StartsWith("The request body is not valid JSON", answer.Message, StringComparison.Ordinal);
        Assert.Empty(server.Grains.Calls);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("17")]
    [InlineData("true")]
    public async Task A_body_that_is_no_object_is_refused(string body)
    {
        await using var server = await ABatchServer.StartAsync();

        Assert.Equal("The request body must be a JSON object.", (await server.PostAsync("/v1/submitjob", body)).AssertClientException().Message);
    }

    [Theory]
    [InlineData("""{"jobName":17}""", "jobName must be a string.")]
    [InlineData("""{"jobName":{}}""", "jobName must be a string.")]
    [InlineData("""{"parameters":[]}""", "parameters must be an object.")]
    [InlineData("""{"parameters":{"a":1}}""", "parameters.a must be a string.")]
    [InlineData("""{"parameters":{"a b.c[0]":1}}""", "parameters['a b.c[0]'] must be a string.")]
    [InlineData("""{"parameters":{"a":null}}""", "parameters.a must not hold null.")]
    [InlineData("""{"containerOverrides":"x"}""", "containerOverrides must be an object.")]
    [InlineData("""{"containerOverrides":{"vcpus":"1"}}""", "containerOverrides.vcpus must be a whole number between -2147483648 and 2147483647.")]
    [InlineData("""{"containerOverrides":{"vcpus":1.5}}""", "containerOverrides.vcpus must be a whole number between -2147483648 and 2147483647.")]
    [InlineData("""{"containerOverrides":{"vcpus":2147483648}}""", "containerOverrides.vcpus must be a whole number between -2147483648 and 2147483647.")]
    [InlineData("""{"containerOverrides":{"vcpus":1e400}}""", "containerOverrides.vcpus must be a whole number between -2147483648 and 2147483647.")]
    [InlineData("""{"containerOverrides":{"command":"ls"}}""", "containerOverrides.command must be an array.")]
    [InlineData("""{"containerOverrides":{"command":["a",1]}}""", "containerOverrides.command[1] must be a string.")]
    [InlineData("""{"containerOverrides":{"environment":[{"name":"A"},{"name":2}]}}""", "containerOverrides.environment[1].name must be a string.")]
    [InlineData("""{"arrayProperties":[]}""", "arrayProperties must be an object.")]
    [InlineData("""{"arrayProperties":{"size":"10"}}""", "arrayProperties.size must be a whole number between -2147483648 and 2147483647.")]
    [InlineData("""{"arrayProperties":{"size":2.5}}""", "arrayProperties.size must be a whole number between -2147483648 and 2147483647.")]
    [InlineData("""{"dependsOn":{}}""", "dependsOn must be an array.")]
    [InlineData("""{"dependsOn":["x"]}""", "dependsOn[0] must be an object.")]
    [InlineData("""{"dependsOn":[{},{"jobId":1}]}""", "dependsOn[1].jobId must be a string.")]
    [InlineData("""{"dependsOn":[{"type":true}]}""", "dependsOn[0].type must be a string.")]
    [InlineData("""{"propagateTags":"true"}""", "propagateTags must be true or false.")]
    [InlineData("""{"jobName":"\ud800"}""", "jobName must be a string.")]
    public async Task A_member_of_another_type_is_named_with_what_was_expected(string body, string message)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = (await server.PostAsync("/v1/submitjob", body)).AssertClientException();

        Assert.Equal(message, answer.Message);
        Assert.Empty(server.Grains.Calls);
    }

    [Theory]
    [InlineData("""{"containerOverrides":{"command":["a",null]}}""", "containerOverrides.command[1]")]
    [InlineData("""{"containerOverrides":{"environment":[null]}}""", "containerOverrides.environment[0]")]
    [InlineData("""{"retryStrategy":{"evaluateOnExit":[null,{}]}}""", "retryStrategy.evaluateOnExit[0]")]
    [InlineData("""{"dependsOn":[{"jobId":"a"},null,{}]}""", "dependsOn[1]")]
    public async Task A_list_with_null_in_it_is_refused(string body, string element)
    {
        await using var server = await ABatchServer.StartAsync();

        Assert.Equal($"{element} must not hold null.", (await server.PostAsync("/v1/submitjob", body)).AssertClientException().Message);
    }

    [Fact]
    public async Task Unknown_members_are_ignored_null_counts_as_absent_and_of_two_the_last_wins()
    {
        await using var server = await ABatchServer.StartAsync();

        await server.PostAsync(
            "/v1/submitjob", """{"JobName":"wrong case","unknown":{"x":[1,null]},"jobQueue":null,"jobName":"a","jobName":"b","dependsOn":null}""");

        Assert.Equal(new SubmitJobRequest { JobName = "b" }, server.Grains.TheCall.Request);
    }

    [Fact]
    public async Task Text_that_is_not_utf8_is_refused()
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = (await server.PostAsync("/v1/submitjob", [.. "{\"jobName\":\""u8, 0xC3, 0x28, .. "\"}"u8])).AssertClientException();

        Assert.Equal("The request body is not valid UTF-8.", answer.Message);
    }

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{\"a\":", "}")]
    public async Task Deep_nesting_is_refused(string open, string close)
    {
        await using var server = await ABatchServer.StartAsync();
        var deep = string.Concat(Enumerable.Repeat(open, 1000)) + "1" + string.Concat(Enumerable.Repeat(close, 1000));

        (await server.PostAsync("/v1/submitjob", $$"""{"dependsOn":{{deep}}}""")).AssertClientException();
        (await server.PostAsync("/v1/submitjob", $$"""{"unknown":{{deep}}}""")).AssertClientException();
    }

    [Theory]
    [InlineData("submitjob", RequestLimits.SubmitJob, false)]
    [InlineData("submitjob", RequestLimits.SubmitJob, true)]
    [InlineData("registerjobdefinition", RequestLimits.RegisterJobDefinition, false)]
    [InlineData("describejobs", RequestLimits.Other, false)]
    [InlineData("describejobs", RequestLimits.Other, true)]
    public async Task A_body_of_the_longest_allowed_length_is_taken_and_one_byte_more_is_not(string operation, int limit, bool isChunked)
    {
        await using var server = await ABatchServer.StartAsync();

        Assert.Equal(200, (await SendOfLengthAsync(limit)).Status);
        var answer = (await SendOfLengthAsync(limit + 1)).AssertError(413, "ClientException");

        Assert.Equal($"The request body is longer than the {limit} bytes that this operation allows.", answer.Message);
        Assert.Single(server.Grains.Calls);

        Task<Answer> SendOfLengthAsync(int length)
        {
            var bytes = Encoding.UTF8.GetBytes("{\"x\":\"" + new string('a', length - 8) + "\"}");
            HttpContent content = isChunked ? new StreamContent(new OneWayStream(bytes)) : new ByteArrayContent(bytes);
            return server.SendAsync(HttpMethod.Post, "/v1/" + operation, content);
        }
    }

    [Fact]
    public async Task A_body_that_comes_in_many_pieces_is_read_whole()
    {
        await using var server = await ABatchServer.StartAsync();
        var body = $$"""{"jobName":"{{new string('ü', 3000)}}"}""";

        var answer = await SendRawAsync(server, $"POST /v1/submitjob HTTP/1.1\r\nHost: x\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}", pieces: 97);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("""{"jobArn":"arn:aws:batch:us-east-1:123456789012:job/1","jobName":"n","jobId":"1"}""", answer, StringComparison.Ordinal);
        Assert.Equal(new string('ü', 3000), ((SubmitJobRequest)server.Grains.TheCall.Request).JobName);
    }

    [Fact]
    public async Task A_body_that_breaks_off_reaches_no_grain_and_is_no_failure()
    {
        await using var server = await ABatchServer.StartAsync();

        try
        {
            _ = await SendRawAsync(server, "POST /v1/submitjob HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"jobName\":", pieces: 1, breaksOff: true);
        }
        catch (IOException)
        {
            // The server may close such a connection either way.
        }

        Assert.Empty(server.Grains.Calls);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_chunk_of_no_length_that_can_be_read_is_the_callers_mistake()
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await SendRawAsync(
            server, "POST /v1/submitjob HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", pieces: 1);

        Assert.StartsWith("HTTP/1.1 400 Bad Request\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\"__type\":\"ClientException\"", answer, StringComparison.Ordinal);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Two_requests_on_one_connection_are_answered_in_turn()
    {
        await using var server = await ABatchServer.StartAsync();
        const string One = "POST /v1/nosuch HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        const string Two = "POST /v1/describejobs HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";

        var answer = await SendRawAsync(server, One + Two, pieces: 1);

        Assert.StartsWith("HTTP/1.1 404 Not Found\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\n{\"jobs\":[]}", answer, StringComparison.Ordinal);
    }

    /// <summary>Sends bytes as they are and reads until the server closes.</summary>
    private static async Task<string> SendRawAsync(ABatchServer server, string text, int pieces, bool breaksOff = false)
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Address.Port);
        var bytes = Encoding.UTF8.GetBytes(text);
        foreach (var piece in bytes.Chunk(Math.Max(1, bytes.Length / pieces)))
        {
            await socket.SendAsync(piece);
        }

        await using NetworkStream stream = new(socket);
        if (breaksOff)
        {
            socket.Shutdown(SocketShutdown.Send);
        }

        using StreamReader reader = new(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }

    /// <summary>Its length is not known before it ends, so it is sent in chunks.</summary>
    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
