using OrleansBatch.Client.Transports;
using OrleansBatch.Model;

namespace OrleansBatch.Client.Tests.Transports;

public sealed class HttpBatchClientTests
{
    private const string Submitted = """{"jobArn":"a","jobName":"n","jobId":"i"}""";
    private const string Failed = """{"__type":"ServerException","message":"It failed."}""";

    [Fact]
    public async Task A_call_that_fails_on_the_other_side_is_sent_again_under_the_same_name()
    {
        using var server = new AFakeServer((500, Failed), (429, """{"__type":"TooManyRequestsException","message":"Slow down."}"""), (200, Submitted));
        await using var client = Client(server);

        var answer = await client.SubmitJobAsync(new() { JobName = "n" }, TestContext.Current.CancellationToken);

        Assert.Equal("i", answer.JobId);
        Assert.Equal(3, server.Calls.Count);
        Assert.All(server.Calls, call => Assert.Equal(("/v1/submitjob", """{"jobName":"n"}"""), (call.Path, call.Body)));
        Assert.Single(server.Calls.Select(call => call.Headers["amz-sdk-invocation-id"]).Distinct());
    }

    [Fact]
    public async Task Two_calls_have_two_names()
    {
        using var server = new AFakeServer((200, Submitted), (200, Submitted));
        await using var client = Client(server);

        _ = await client.SubmitJobAsync(new(), TestContext.Current.CancellationToken);
        _ = await client.SubmitJobAsync(new(), TestContext.Current.CancellationToken);

        Assert.Equal(2, server.Calls.Select(call => call.Headers["amz-sdk-invocation-id"]).Distinct().Count());
    }

    [Fact]
    public async Task A_call_that_fails_three_times_is_given_up()
    {
        using var server = new AFakeServer((500, Failed), (503, Failed), (500, Failed));
        await using var client = Client(server);

        var failure = await Assert.ThrowsAsync<ServiceFailureException>(() => client.SubmitJobAsync(new(), TestContext.Current.CancellationToken));

        Assert.Equal("It failed.", failure.Message);
    }

    [Fact]
    public async Task A_refusal_is_not_sent_again_and_comes_as_the_grains_throw_it()
    {
        using var server = new AFakeServer(
            (400, """{"__type":"ClientException","message":"No."}"""),
            (400, """{"__type":"ClientException","message":"Error executing request, Exception : Wrong, RequestId: 1, RequestId: 6f2c"}"""),
            (400, """{"__type":"ResourceNotFoundException","message":"The specified log stream does not exist."}"""));
        await using var client = Client(server);
        var cancellationToken = TestContext.Current.CancellationToken;

        Assert.Equal("No.", (await Assert.ThrowsAsync<BatchClientException>(() => client.SubmitJobAsync(new(), cancellationToken))).Message);
        Assert.Equal("Wrong, RequestId: 1", (await Assert.ThrowsAsync<ValidationException>(() => client.SubmitJobAsync(new(), cancellationToken))).Message);
        var missing = await Assert.ThrowsAsync<LogsClientException>(() => client.GetLogEventsAsync(new(), cancellationToken));
        Assert.Equal(("ResourceNotFoundException", "The specified log stream does not exist."), (missing.Code, missing.Message));
    }

    [Fact]
    public async Task Something_that_does_not_speak_AWS_Batch_is_told_from_a_scheduler()
    {
        using var server = new AFakeServer((404, "<html>not found</html>"));
        await using var client = Client(server);

        var failure = await Assert.ThrowsAsync<UnreachableException>(() => client.SubmitJobAsync(new(), TestContext.Current.CancellationToken));

        Assert.Contains("does not speak AWS Batch", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_is_asked_for_as_CloudWatch_Logs_is()
    {
        using var server = new AFakeServer((200, """{"events":[],"nextForwardToken":"f","nextBackwardToken":"b"}"""));
        await using var client = Client(server);

        _ = await client.GetLogEventsAsync(new() { LogStreamName = "s" }, TestContext.Current.CancellationToken);

        var call = Assert.Single(server.Calls);
        Assert.Equal(
            ("/", "Logs_20140328.GetLogEvents", "application/x-amz-json-1.1"),
            (call.Path, call.Headers["X-Amz-Target"], call.Headers["Content-Type"]));
        Assert.Contains("/eu-west-1/logs/aws4_request", call.Headers["Authorization"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_credentials_a_request_names_its_region_and_with_them_it_is_signed()
    {
        using var server = new AFakeServer((200, Submitted), (200, Submitted));
        await using (var nobody = Client(server))
        {
            _ = await nobody.SubmitJobAsync(new(), TestContext.Current.CancellationToken);
        }

        await using (var somebody = new HttpBatchClient(server.Endpoint, "eu-west-1", new("AKID", "secret", "token"), TimeProvider.System))
        {
            _ = await somebody.SubmitJobAsync(new(), TestContext.Current.CancellationToken);
        }

        Assert.Matches("^AWS4-HMAC-SHA256 Credential=orleansbatch/[0-9]{8}/eu-west-1/batch/aws4_request, ", server.Calls[0].Headers["Authorization"]);
        Assert.Matches(
            "^AWS4-HMAC-SHA256 Credential=AKID/[0-9]{8}/eu-west-1/batch/aws4_request, "
            + "SignedHeaders=amz-sdk-invocation-id;content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$",
            server.Calls[1].Headers["Authorization"]);
        Assert.Equal("token", server.Calls[1].Headers["X-Amz-Security-Token"]);
    }

    [Fact]
    public async Task Who_waits_for_a_job_rides_out_a_scheduler_that_is_away_for_a_moment()
    {
        const string Job = """
            {"jobs":[{"jobArn":"a","jobName":"n","jobId":"i","jobQueue":"q","status":"STATUS","attempts":[],"createdAt":1,
            "jobDefinition":"d","parameters":{},"tags":{},"platformCapabilities":[]}]}
            """;
        using var server = new AFakeServer(
            (200, Job.Replace("STATUS", "RUNNING", StringComparison.Ordinal)),
            (500, Failed), (500, Failed), (500, Failed),
            (200, Job.Replace("STATUS", "SUCCEEDED", StringComparison.Ordinal)));
        var surroundings = new Surroundings();

        Assert.Equal(0, await ConsoleProgram.RunAsync(["wait", "i", "--endpoint", server.Endpoint.ToString()], surroundings.Terminal));
        Assert.Equal("i  n  SUCCEEDED\n", surroundings.Out);
        Assert.Contains("Trying again", surroundings.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_cannot_be_followed_any_more_goes_on_and_run_says_so()
    {
        using var server = new AFakeServer((200, Submitted), (500, Failed), (500, Failed), (500, Failed));
        var surroundings = new Surroundings();

        Assert.Equal(125, await ConsoleProgram.RunAsync(["run", "--endpoint", server.Endpoint.ToString(), "--", "true"], surroundings.Terminal));
        Assert.Equal(
            ["Could not follow job i to its end.", "  It failed.", "  The job goes on; see later: orleansbatch logs -f i"],
            surroundings.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Of_many_jobs_the_console_tells_each_one_s_own_error()
    {
        const string Job = """
            {"jobArn":"aID","jobName":"n","jobId":"ID","jobQueue":"q","status":"RUNNABLE","attempts":[],"createdAt":1,
            "jobDefinition":"d","parameters":{},"tags":{},"platformCapabilities":[]}
            """;
        var jobs = string.Join(',', "xyz".Select(id => Job.Replace("ID", $"{id}", StringComparison.Ordinal)));
        using var server = new AFakeServer(
            (200, $$"""{"jobs":[{{jobs}}]}"""),
            (200, """{"successful":["y"],"errors":[{"job":"x","code":"AccessDenied","message":"Not yours."},{"job":"z","code":"ServerException","message":"Again."}]}"""));
        var surroundings = new Surroundings();

        Assert.Equal(3, await ConsoleProgram.RunAsync(["terminate", "x", "y", "z", "--reason", "r", "--endpoint", server.Endpoint.ToString()], surroundings.Terminal));

        Assert.Equal(("/v1/terminatejobs", """{"jobs":["x","y","z"],"reason":"r"}"""), (server.Calls[1].Path, server.Calls[1].Body));
        Assert.Equal(
            ["JOB ID  RESULT", "x       Not yours.", "y       terminated", "z       Again."],
            surroundings.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static HttpBatchClient Client(AFakeServer server) => new(server.Endpoint, "eu-west-1", credentials: null, TimeProvider.System);
}
