using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Client.Transports;

/// <summary>Calls the scheduler over AWS's own wire.</summary>
/// <param name="endpoint">Where it listens.</param>
/// <param name="region">Named in the credential scope of every request.</param>
/// <param name="credentials">Who signs; null: nobody.</param>
/// <param name="time">Of the signatures.</param>
public sealed class HttpBatchClient(Uri endpoint, string region, Credentials? credentials, TimeProvider time) : IBatchClient
{
    private const string BatchContent = "application/json";
    private const string LogsContent = "application/x-amz-json-1.1";
    private const string LogsTarget = "Logs_20140328.";

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // To find out that loopback has no proxy takes as long as a call.
        UseProxy = !endpoint.IsLoopback,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        ActivityHeadersPropagator = null,
        AllowAutoRedirect = false,
        UseCookies = false,
    });

    /// <inheritdoc/>
    public Task<SubmitJobResponse> SubmitJobAsync(SubmitJobRequest request, CancellationToken cancellationToken) =>
        CallAsync("SubmitJob", request, BatchJson.Default.SubmitJobRequest, BatchJson.Default.SubmitJobResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeJobsResponse> DescribeJobsAsync(DescribeJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync("DescribeJobs", request, BatchJson.Default.DescribeJobsRequest, BatchJson.Default.DescribeJobsResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ListJobsResponse> ListJobsAsync(ListJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync("ListJobs", request, BatchJson.Default.ListJobsRequest, BatchJson.Default.ListJobsResponse, cancellationToken);

    /// <inheritdoc/>
    public Task CancelJobAsync(StopJobRequest request, CancellationToken cancellationToken) =>
        CallAsync("CancelJob", request, BatchJson.Default.StopJobRequest, BatchJson.Default.EmptyAnswer, cancellationToken);

    /// <inheritdoc/>
    public Task TerminateJobAsync(StopJobRequest request, CancellationToken cancellationToken) =>
        CallAsync("TerminateJob", request, BatchJson.Default.StopJobRequest, BatchJson.Default.EmptyAnswer, cancellationToken);

    /// <inheritdoc/>
    public Task<JobQueueResponse> CreateJobQueueAsync(CreateJobQueueRequest request, CancellationToken cancellationToken) =>
        CallAsync("CreateJobQueue", request, BatchJson.Default.CreateJobQueueRequest, BatchJson.Default.JobQueueResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<JobQueueResponse> UpdateJobQueueAsync(UpdateJobQueueRequest request, CancellationToken cancellationToken) =>
        CallAsync("UpdateJobQueue", request, BatchJson.Default.UpdateJobQueueRequest, BatchJson.Default.JobQueueResponse, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteJobQueueAsync(DeleteJobQueueRequest request, CancellationToken cancellationToken) =>
        CallAsync("DeleteJobQueue", request, BatchJson.Default.DeleteJobQueueRequest, BatchJson.Default.EmptyAnswer, cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeJobQueuesResponse> DescribeJobQueuesAsync(DescribeJobQueuesRequest request, CancellationToken cancellationToken) =>
        CallAsync(
            "DescribeJobQueues",
            request,
            BatchJson.Default.DescribeJobQueuesRequest,
            BatchJson.Default.DescribeJobQueuesResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ComputeEnvironmentResponse> CreateComputeEnvironmentAsync(
        CreateComputeEnvironmentRequest request,
        CancellationToken cancellationToken) => CallAsync(
            "CreateComputeEnvironment",
            request,
            BatchJson.Default.CreateComputeEnvironmentRequest,
            BatchJson.Default.ComputeEnvironmentResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<ComputeEnvironmentResponse> UpdateComputeEnvironmentAsync(
        UpdateComputeEnvironmentRequest request,
        CancellationToken cancellationToken) => CallAsync(
            "UpdateComputeEnvironment",
            request,
            BatchJson.Default.UpdateComputeEnvironmentRequest,
            BatchJson.Default.ComputeEnvironmentResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task DeleteComputeEnvironmentAsync(DeleteComputeEnvironmentRequest request, CancellationToken cancellationToken) => CallAsync(
        "DeleteComputeEnvironment",
        request,
        BatchJson.Default.DeleteComputeEnvironmentRequest,
        BatchJson.Default.EmptyAnswer,
        cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeComputeEnvironmentsResponse> DescribeComputeEnvironmentsAsync(
        DescribeComputeEnvironmentsRequest request,
        CancellationToken cancellationToken) => CallAsync(
            "DescribeComputeEnvironments",
            request,
            BatchJson.Default.DescribeComputeEnvironmentsRequest,
            BatchJson.Default.DescribeComputeEnvironmentsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<RegisterJobDefinitionResponse> RegisterJobDefinitionAsync(
        RegisterJobDefinitionRequest request,
        CancellationToken cancellationToken) => CallAsync(
            "RegisterJobDefinition",
            request,
            BatchJson.Default.RegisterJobDefinitionRequest,
            BatchJson.Default.RegisterJobDefinitionResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task DeregisterJobDefinitionAsync(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken) => CallAsync(
        "DeregisterJobDefinition",
        request,
        BatchJson.Default.DeregisterJobDefinitionRequest,
        BatchJson.Default.EmptyAnswer,
        cancellationToken);

    /// <inheritdoc/>
    public Task<DescribeJobDefinitionsResponse> DescribeJobDefinitionsAsync(
        DescribeJobDefinitionsRequest request,
        CancellationToken cancellationToken) => CallAsync(
            "DescribeJobDefinitions",
            request,
            BatchJson.Default.DescribeJobDefinitionsRequest,
            BatchJson.Default.DescribeJobDefinitionsResponse,
            cancellationToken);

    /// <inheritdoc/>
    public Task<GetLogEventsResponse> GetLogEventsAsync(GetLogEventsRequest request, CancellationToken cancellationToken) => SendAsync(
        "GetLogEvents",
        isLogs: true,
        JsonSerializer.SerializeToUtf8Bytes(request, BatchJson.Default.GetLogEventsRequest),
        BatchJson.Default.GetLogEventsResponse,
        cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }

    private Task<TAnswer> CallAsync<TRequest, TAnswer>(
        string operation,
        TRequest request,
        JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken) =>
        SendAsync(operation, isLogs: false, JsonSerializer.SerializeToUtf8Bytes(request, requestType), answerType, cancellationToken);

    private async Task<TAnswer> SendAsync<TAnswer>(
        string operation,
        bool isLogs,
        byte[] body,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        // The same over all attempts: the scheduler knows a repetition by it.
        var invocation = Guid.NewGuid().ToString();
        try
        {
            return await Retries.RunAsync(
                async () =>
                {
                    using var message = Message(operation, isLogs, body, invocation);
                    using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellationToken);
                    return await ReadAsync(answer, isLogs, answerType, cancellationToken);
                },
                failure => failure is HttpRequestException or ServiceFailureException,
                cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new UnreachableException($"The scheduler at {Where}", failure.Message, failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new UnreachableException($"The scheduler at {Where}", "it did not answer in time", failure);
        }
    }

    private string Where => endpoint.GetLeftPart(UriPartial.Authority);

    private HttpRequestMessage Message(string operation, bool isLogs, byte[] body, string invocation)
    {
        var path = isLogs ? "/" : $"/v1/{operation.ToLowerInvariant()}";
        var content = isLogs ? LogsContent : BatchContent;
        var message = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, path))
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(content) } },
        };
        SortedDictionary<string, string> headers = new(StringComparer.Ordinal)
        {
            ["host"] = endpoint.Authority,
            ["x-amz-date"] = RequestSignature.Time(time.GetUtcNow()),
            ["amz-sdk-invocation-id"] = invocation,
        };
        if (isLogs)
        {
            headers["x-amz-target"] = LogsTarget + operation;
        }

        if (credentials?.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        foreach (var (name, value) in headers.Where(header => header.Key != "host"))
        {
            _ = message.Headers.TryAddWithoutValidation(name, value);
        }

        headers["content-type"] = content;
        _ = message.Headers.TryAddWithoutValidation("Authorization", Authorization(isLogs ? "logs" : "batch", path, headers, body));
        return message;
    }

    private string Authorization(string service, string path, SortedDictionary<string, string> headers, byte[] body)
    {
        var now = time.GetUtcNow();
        if (credentials is null)
        {
            return RequestSignature.Unsigned(region, service, now);
        }

        return RequestSignature.Sign(credentials, region, service, now, path, headers, body);
    }

    private async Task<TAnswer> ReadAsync<TAnswer>(
        HttpResponseMessage answer,
        bool isLogs,
        JsonTypeInfo<TAnswer> answerType,
        CancellationToken cancellationToken)
    {
        var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        try
        {
            return answer.IsSuccessStatusCode
                ? JsonSerializer.Deserialize(body.Length == 0 ? "{}"u8 : body, answerType)!
                : throw Failure(answer.StatusCode, JsonSerializer.Deserialize(body, BatchJson.Default.ErrorBody), isLogs);
        }
        catch (JsonException failure)
        {
            throw new UnreachableException($"A scheduler at {Where}", $"what answers there does not speak AWS Batch (HTTP {(int)answer.StatusCode})", failure);
        }
    }

    private static Exception Failure(HttpStatusCode status, ErrorBody? error, bool isLogs)
    {
        var message = error?.Message ?? $"It answered with HTTP {(int)status}.";
        if ((int)status >= 500 || status == HttpStatusCode.TooManyRequests)
        {
            return new ServiceFailureException(message);
        }

        return isLogs ? new LogsClientException(error?.Type ?? string.Empty, message) : WrappedText.Unwrap(message);
    }
}
