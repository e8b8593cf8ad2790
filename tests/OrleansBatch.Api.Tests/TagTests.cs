using OrleansBatch.Model.Tags;

namespace OrleansBatch.Api.Tests;

/// <summary>How an ARN comes through the path, and keys through the query.</summary>
public sealed class TagTests
{
    private const string Arn = "arn:aws:batch:us-east-1:123456789012:job-definition/sleep30:1";
    private const string Encoded = "arn%3Aaws%3Abatch%3Aus-east-1%3A123456789012%3Ajob-definition%2Fsleep30%3A1";

    [Theory]
    [InlineData("/v1/tags/" + Encoded, Arn)]
    [InlineData("/v1/tags/" + Arn, Arn)]
    [InlineData("/v1/tags/arn%3aaws%3abatch%3aus-east-1%3a123456789012%3ajob-definition%2fsleep30%3a1", Arn)]
    [InlineData("/V1/Tags/" + Encoded, Arn)]
    [InlineData("/v1/t%61gs/" + Encoded, Arn)]
    [InlineData("/v1/tags/" + Encoded + "?x=%2F", Arn)]
    [InlineData("/v1/tags/a%252Fb", "a%2Fb")]
    [InlineData("/v1/tags/a+b%2Bc%20d", "a+b+c d")]
    [InlineData("/v1/tags/gr%C3%B6%C3%9Fe", "größe")]
    [InlineData("/v1/tags/a//b", "a//b")]
    [InlineData("/v1/tags/", "")]
    [InlineData("/v1/tags", "")]
    public async Task The_arn_is_what_the_path_holds_decoded_once(string path, string arn)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await server.SendAsync(HttpMethod.Get, path, null);

        Assert.Equal((200, """{"tags":{"team":"a/b"}}"""), (answer.Status, answer.Body));
        answer.AssertFramed();
        Assert.Equal(arn, ((ListTagsForResourceRequest)server.Grains.TheCall.Request).ResourceArn);
        Assert.Equal("123456789012/us-east-1", server.Grains.TheCall.Key);
    }

    [Fact]
    public async Task TagResource_reads_its_body_and_takes_the_arn_from_the_path_alone()
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await server.PostAsync("/v1/tags/" + Encoded, """{"resourceArn":"other","tags":{"Team":"a","team":""}}""");

        Assert.Equal((200, "{}"), (answer.Status, answer.Body));
        var request = (TagResourceRequest)server.Grains.TheCall.Request;
        Assert.Equal(Arn, request.ResourceArn);
        Assert.Equal(new Dictionary<string, string> { ["Team"] = "a", ["team"] = "" }, request.Tags!.ToDictionary());
        Assert.False(server.Grains.TheCall.Cancellation.CanBeCanceled);
    }

    [Fact]
    public async Task UntagResource_reads_repeated_keys_of_the_query_in_their_order()
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await server.SendAsync(HttpMethod.Delete, $"/v1/tags/{Encoded}?tagKeys=b%20c&x=y&tagKeys=a%2Fb&tagKeys=", null);

        Assert.Equal((200, "{}"), (answer.Status, answer.Body));
        var request = (UntagResourceRequest)server.Grains.TheCall.Request;
        Assert.Equal((Arn, "b c,a/b,"), (request.ResourceArn, string.Join(',', request.TagKeys!)));
    }

    [Theory]
    [InlineData("/v1/tags/%GG")]
    [InlineData("/v1/tags/arn%3")]
    [InlineData("/v1/tags/arn%C0%AF")]
    [InlineData("/v1/tags/arn%ED%A0%80")]
    [InlineData("/v1/tags/arn%0A")]
    public async Task A_broken_encoding_is_refused_and_shown(string path)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = (await RawAsync(server, $"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));

        Assert.Contains("400", answer, StringComparison.Ordinal);
        Assert.Empty(server.Grains.Calls);
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("PATCH")]
    [InlineData("HEAD")]
    public async Task Another_method_is_told_which_there_are(string method)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await server.SendAsync(new(method), "/v1/tags/" + Encoded, null);

        Assert.Equal((405, "ClientException"), (answer.Status, answer.ErrorType));
        Assert.Equal(["GET", "POST", "DELETE"], answer.ContentHeaders.Allow);
    }

    private static async Task<string> RawAsync(ABatchServer server, string request)
    {
        using System.Net.Sockets.TcpClient client = new();
        await client.ConnectAsync(server.Address.Host, server.Address.Port);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(request));
        using StreamReader reader = new(client.GetStream());
        return await reader.ReadToEndAsync();
    }
}
