using System.Text;
using System.Xml.Linq;

namespace OrleansBatch.Api.Tests;

/// <summary>STS: a form in, XML out, errors too.</summary>
public sealed class CallerIdentityTests
{
    private static readonly XNamespace Sts = "https://sts.amazonaws.com/doc/2011-06-15/";

    [Theory]
    [InlineData("application/x-www-form-urlencoded", "us-east-1", "aws")]
    [InlineData("application/x-www-form-urlencoded; charset=utf-8", "cn-north-1", "aws-cn")]
    public async Task A_caller_is_the_root_of_the_account(string contentType, string region, string partition)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await SendAsync(server, "Action=GetCallerIdentity&Version=2011-06-15", contentType, region);

        Assert.Equal((200, "text/xml"), (answer.Status, answer.ContentHeaders.ContentType!.MediaType));
        var identity = XDocument.Parse(answer.Body).Root!;
        Assert.Equal(Sts + "GetCallerIdentityResponse", identity.Name);
        var result = identity.Element(Sts + "GetCallerIdentityResult")!;
        Assert.Equal($"arn:{partition}:iam::123456789012:root", result.Element(Sts + "Arn")!.Value);
        Assert.Equal("123456789012", result.Element(Sts + "Account")!.Value);
        Assert.NotEmpty(result.Element(Sts + "UserId")!.Value);
        Assert.Equal(answer.RequestId, identity.Element(Sts + "ResponseMetadata")!.Element(Sts + "RequestId")!.Value);
    }

    [Theory]
    [InlineData("Action=AssumeRole&Version=2011-06-15", "InvalidAction", "AssumeRole")]
    [InlineData("Action=getcalleridentity", "InvalidAction", "getcalleridentity")]
    [InlineData("Action=GetCallerIdentity&Version=2012-01-01", "InvalidAction", "2012-01-01")]
    [InlineData("Action=%3Ca%3E%26%00%EF%BF%BF", "InvalidAction", "<a>&")]
    [InlineData("Action=A&Action=B", "InvalidAction", "A,B")]
    [InlineData("", "InvalidAction", "names no Action")]
    [InlineData("%GG&&&=;=", "InvalidAction", "names no Action")]
    public async Task Anything_else_is_an_invalid_action_in_xml(string form, string code, string message)
    {
        await using var server = await ABatchServer.StartAsync();

        var answer = await SendAsync(server, form, "application/x-www-form-urlencoded", "us-east-1");

        AssertError(answer, 400, code, message);
    }

    [Fact]
    public async Task A_form_that_is_too_long_and_a_broken_region_are_xml_too()
    {
        await using var server = await ABatchServer.StartAsync();

        AssertError(await SendAsync(server, new string('a', 70_000), "application/x-www-form-urlencoded", "us-east-1"), 413, "ValidationError", "65536");
        AssertError(await SendAsync(server, "Action=GetCallerIdentity", "application/x-www-form-urlencoded", "US_EAST"), 400, "ValidationError", "region");
    }

    private static void AssertError(Answer answer, int status, string code, string message)
    {
        Assert.Equal((status, code, "text/xml"), (answer.Status, answer.ErrorType, answer.ContentHeaders.ContentType!.MediaType));
        var root = XDocument.Parse(answer.Body).Root!;
        Assert.Equal(Sts + "ErrorResponse", root.Name);
        var error = root.Element(Sts + "Error")!;
        Assert.Equal(("Sender", code), (error.Element(Sts + "Type")!.Value, error.Element(Sts + "Code")!.Value));
        Assert.Contains(message, error.Element(Sts + "Message")!.Value, StringComparison.Ordinal);
        Assert.Equal(answer.RequestId, root.Element(Sts + "RequestId")!.Value);
    }

    private static Task<Answer> SendAsync(ABatchServer server, string form, string contentType, string region)
    {
        ByteArrayContent content = new(Encoding.UTF8.GetBytes(form));
        Assert.True(content.Headers.TryAddWithoutValidation("Content-Type", contentType));
        return server.SendAsync(
            HttpMethod.Post, "/", content, ("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIA/20260101/{region}/sts/aws4_request, Signature=0"));
    }
}
