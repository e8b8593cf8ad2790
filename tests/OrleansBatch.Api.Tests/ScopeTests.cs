namespace OrleansBatch.Api.Tests;

public sealed class ScopeTests
{
    private const string DefaultScope = "123456789012/us-east-1";

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/batch/aws4_request, SignedHeaders=host, Signature=0", "123456789012/eu-west-1")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-gov-west-1/batch/aws4_request,SignedHeaders=host,Signature=0", "123456789012/us-gov-west-1")]
    [InlineData("AWS4-HMAC-SHA256 SignedHeaders=host, Credential=AKIA/20260101/local/logs/aws4_request", "123456789012/local")]
    [InlineData("AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1", DefaultScope)]
    [InlineData("AWS4-HMAC-SHA256 Credential=//eu-west-1//aws4_request", DefaultScope)]
    [InlineData("AWS4-HMAC-SHA256", DefaultScope)]
    [InlineData("AWS4-ECDSA-P256-SHA256 Credential=AKIA/20260101/batch/aws4_request", DefaultScope)]
    [InlineData("Bearer abc", DefaultScope)]
    [InlineData("Basic dXNlcjpwYXNz", DefaultScope)]
    [InlineData(null, DefaultScope)]
    public async Task The_region_is_the_one_in_the_signature_or_else_the_default(string? authorization, string scope)
    {
        await using var server = await ABatchServer.StartAsync();
        (string, string)[] headers = authorization is null ? [] : [("Authorization", authorization)];

        Assert.Equal(200, (await server.PostAsync("/v1/describejobs", "{}", headers)).Status);

        Assert.Equal(scope, server.Grains.TheCall.Key);
    }

    [Fact]
    public async Task A_presigned_request_carries_its_region_in_the_query()
    {
        await using var server = await ABatchServer.StartAsync();

        await server.PostAsync(
            "/v1/describejobs?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA%2F20260101%2Feu-central-1%2Fbatch%2Faws4_request", "{}");

        Assert.Equal("123456789012/eu-central-1", server.Grains.TheCall.Key);
    }

    [Theory]
    [InlineData("EU-WEST-1")]
    [InlineData("eu_west_1")]
    [InlineData("")]
    [InlineData("a-region-name-that-is-far-too-long-for-any")]
    [InlineData("x%2Fy")]
    public async Task A_region_that_cannot_be_one_is_refused(string region)
    {
        await using var server = await ABatchServer.StartAsync();

        (await server.PostAsync(
            "/v1/describejobs", "{}", ("Authorization", $"AWS4-HMAC-SHA256 Credential=AKIA/20260101/{region}/batch/aws4_request"))).AssertClientException();

        Assert.Empty(server.Grains.Calls);
    }

    [Fact]
    public async Task Account_and_default_region_are_options()
    {
        await using var server = await ABatchServer.StartAsync(configure: options => (options.Account, options.DefaultRegion) = ("999999999999", "local"));

        await server.PostAsync("/v1/describejobs", "{}");

        Assert.Equal("999999999999/local", server.Grains.TheCall.Key);
    }

    [Fact]
    public async Task A_wrong_option_stops_the_start() => await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
        async () => await (await ABatchServer.StartAsync(configure: options => options.Account = "me")).DisposeAsync());
}
