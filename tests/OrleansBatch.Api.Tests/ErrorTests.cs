using Microsoft.Extensions.Logging;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Tests;

public sealed class ErrorTests
{
    [Fact]
    public async Task A_mistake_of_the_caller_is_told_as_it_is()
    {
        await using var server = await ABatchServer.StartAsync(_ => throw new BatchClientException("Job queue \"q\" does not exist"));

        var answer = (await server.PostAsync("/v1/submitjob", "{}")).AssertClientException();

        Assert.Equal("""{"__type":"ClientException","message":"Job queue \"q\" does not exist"}""", answer.Body);
        Assert.Equal("application/json", answer.ContentHeaders.ContentType?.ToString());
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task A_mistake_in_the_form_of_a_field_is_wrapped_with_the_requests_id()
    {
        await using var server = await ABatchServer.StartAsync(_ => throw new ValidationException("vCPU is required."));

        var answer = (await server.PostAsync("/v1/registerjobdefinition", "{}")).AssertClientException();

        Assert.Equal($"Error executing request, Exception : vCPU is required., RequestId: {answer.RequestId}", answer.Message);
    }

    [Fact]
    public async Task A_failure_of_ours_is_a_server_exception_that_tells_nothing_of_the_inside_and_is_logged_once()
    {
        InvalidOperationException failure = new("secret");
        await using var server = await ABatchServer.StartAsync(_ => throw failure);

        var answer = (await server.PostAsync("/v1/submitjob", "{}")).AssertError(500, "ServerException");

        Assert.DoesNotContain("secret", answer.Body, StringComparison.Ordinal);
        Assert.Contains(answer.RequestId, answer.Message, StringComparison.Ordinal);
        var (level, text, exception) = Assert.Single(server.Log.Errors);
        Assert.Equal(LogLevel.Error, level);
        Assert.Same(failure, exception);
        Assert.Contains(answer.RequestId, text, StringComparison.Ordinal);
        Assert.Contains("SubmitJob", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_grain_that_does_not_answer_in_time_is_a_failure_that_clients_retry()
    {
        await using var server = await ABatchServer.StartAsync(_ => throw new TimeoutException("Response did not arrive on time"));

        (await server.PostAsync("/v1/describejobs", "{}")).AssertError(500, "ServerException");
    }

    [Fact]
    public async Task The_logs_have_errors_of_their_own()
    {
        await using var missing = await ABatchServer.StartAsync(
            _ => throw new LogsClientException("ResourceNotFoundException", "The specified log stream does not exist."));
        await using var broken = await ABatchServer.StartAsync(_ => throw new InvalidOperationException());
        var target = ("X-Amz-Target", "Logs_20140328.GetLogEvents");

        var notFound = (await missing.PostAsync("/", "{}", target)).AssertError(400, "ResourceNotFoundException");
        Assert.Equal("The specified log stream does not exist.", notFound.Message);
        Assert.Equal("application/x-amz-json-1.1", notFound.ContentHeaders.ContentType?.ToString());
        (await missing.PostAsync("/", """{"limit":"x"}""", target)).AssertError(400, "InvalidParameterException");
        (await broken.PostAsync("/", "{}", target)).AssertError(500, "ServiceUnavailableException");
    }

    [Fact]
    public async Task A_very_long_message_is_cut_in_its_middle_for_clients_look_for_words_at_its_end()
    {
        await using var server = await ABatchServer.StartAsync(_ => throw new Model.BatchClientException($"Job queue {string.Concat(Enumerable.Repeat("\U0001F600", 9_000))} does not exist"));

        var message = (await server.PostAsync("/v1/submitjob", "{}")).AssertClientException().Message;

        Assert.InRange(message.Length, 1_000, 2_001);
        Assert.StartsWith("Job queue \U0001F600", message, StringComparison.Ordinal);
        Assert.EndsWith("\U0001F600 does not exist", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', message);
    }

    [Fact]
    public async Task A_caller_who_went_away_stops_a_read_and_is_no_failure()
    {
        TaskCompletionSource<CancellationToken> arrived = new();
        TaskCompletionSource stopped = new();
        await using var server = await ABatchServer.StartAsync(async call =>
        {
            using var registration = call.Cancellation.Register(stopped.SetResult);
            arrived.SetResult(call.Cancellation);
            await stopped.Task;
            throw new OperationCanceledException(call.Cancellation);
        });
        using CancellationTokenSource leaving = new();

        using StringContent body = new("{}");
        var request = server.Client.PostAsync("/v1/describejobs", body, leaving.Token);
        _ = await arrived.Task;
        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await stopped.Task;
        Assert.Empty(server.Log.Errors);
    }

    [Theory]
    [InlineData("submitjob")]
    [InlineData("canceljob")]
    [InlineData("terminatejob")]
    [InlineData("registerjobdefinition")]
    [InlineData("deregisterjobdefinition")]
    [InlineData("createjobqueue")]
    [InlineData("deletecomputeenvironment")]
    public async Task A_command_is_not_cut_off_when_its_caller_goes_away(string path)
    {
        await using var server = await ABatchServer.StartAsync();

        await server.PostAsync("/v1/" + path, "{}");

        Assert.False(server.Grains.TheCall.Cancellation.CanBeCanceled);
    }
}
