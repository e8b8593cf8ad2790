namespace OrleansBatch.Api.Tests;

public sealed class InvocationTests
{
    private const string Id = "6f1d7c0e-2f37-4d0a-9f7e-3d5a0d0f6d52";

    private static readonly (string, string) Signed = ("Authorization", "AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/batch/aws4_request, Signature=0");

    [Fact]
    public async Task The_same_call_sent_again_has_the_same_key() =>
        Assert.Equal(await KeyOf("{}", Signed, ("amz-sdk-invocation-id", Id)), await KeyOf("{}", Signed, ("amz-sdk-invocation-id", Id), ("amz-sdk-request", "attempt=2")));

    [Fact]
    public async Task The_key_names_account_region_access_key_invocation_and_body() => Assert.Equal(
        $"123456789012/eu-west-1/AKIA/{Id}/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
        await KeyOf("{}", Signed, ("amz-sdk-invocation-id", Id)));

    [Theory]
    [InlineData("/v1/submitjob")]
    [InlineData("/v1/createjobqueue")]
    [InlineData("/v1/createcomputeenvironment")]
    [InlineData("/v1/registerjobdefinition")]
    public async Task Every_operation_that_must_not_be_done_twice_is_told_its_call(string path)
    {
        await using var server = await ABatchServer.StartAsync();

        Assert.Equal(200, (await server.PostAsync(path, "{}", Signed, ("amz-sdk-invocation-id", Id))).Status);

        Assert.EndsWith($"/AKIA/{Id}/44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", server.Grains.TheCall.Invocation!.Key, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_body_id_or_access_key_is_another_call()
    {
        var key = await KeyOf("{}", Signed, ("amz-sdk-invocation-id", Id));

        Assert.NotEqual(key, await KeyOf("{ }", Signed, ("amz-sdk-invocation-id", Id)));
        Assert.NotEqual(key, await KeyOf("{}", Signed, ("amz-sdk-invocation-id", Id + "x")));
        Assert.NotEqual(key, await KeyOf("{}", ("amz-sdk-invocation-id", Id)));
    }

    [Fact]
    public async Task Without_a_usable_id_every_call_is_new()
    {
        Assert.Null(await KeyOf("{}", Signed));
        Assert.Null(await KeyOf("{}", Signed, ("amz-sdk-invocation-id", "")));
        Assert.Null(await KeyOf("{}", Signed, ("amz-sdk-invocation-id", new string('x', 257))));
        Assert.NotNull(await KeyOf("{}", Signed, ("amz-sdk-invocation-id", new string('x', 256))));
    }

    private static async Task<string?> KeyOf(string body, params (string, string)[] headers)
    {
        await using var server = await ABatchServer.StartAsync();
        Assert.Equal(200, (await server.PostAsync("/v1/submitjob", body, headers)).Status);
        return server.Grains.TheCall.Invocation?.Key;
    }
}
