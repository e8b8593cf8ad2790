using System.Globalization;
using System.Text;
using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client.Tests.Transports;

/// <summary>Against AWS's own test suite for Signature Version 4.</summary>
public sealed class RequestSignatureTests
{
    private static readonly Credentials Example = new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", SessionToken: null);
    private static readonly DateTimeOffset Time = DateTimeOffset.Parse("2015-08-30T12:36:00Z", CultureInfo.InvariantCulture);

    [Fact]
    public void It_signs_post_vanilla() => Assert.Equal(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
        + "Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        Sign([], ""));

    [Fact]
    public void It_signs_post_x_www_form_urlencoded() => Assert.Equal(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
        + "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        Sign(new() { ["content-type"] = "application/x-www-form-urlencoded" }, "Param1=value1"));

    private static string Sign(Dictionary<string, string> headers, string body) => RequestSignature.Sign(
        Example,
        "us-east-1",
        "service",
        Time,
        "POST",
        "/",
        new(headers, StringComparer.Ordinal) { ["host"] = "example.amazonaws.com", ["x-amz-date"] = RequestSignature.Time(Time) },
        Encoding.UTF8.GetBytes(body));
}
