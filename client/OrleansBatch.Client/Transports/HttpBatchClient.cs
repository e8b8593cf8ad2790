using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Events;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Webhooks;

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
    private const string Webhooks = "/api/webhooks";
    private const string JobQueues = "job-queues";
    private const string ComputeEnvironments = "compute-environments";

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
    public Task<StopJobsResponse> CancelJobsAsync(StopJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync("CancelJobs", request, BatchJson.Default.StopJobsRequest, BatchJson.Default.StopJobsResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<StopJobsResponse> TerminateJobsAsync(StopJobsRequest request, CancellationToken cancellationToken) =>
        CallAsync("TerminateJobs", request, BatchJson.Default.StopJobsRequest, BatchJson.Default.StopJobsResponse, cancellationToken);

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
    public Task<ListEventsResponse> ListEventsAsync(ListEventsRequest request, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Get, EventsPath.Of(request), []), BatchJson.Default.ListEventsResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<ListWebhooksResponse> ListWebhooksAsync(CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Get, Webhooks, []), BatchJson.Default.ListWebhooksResponse, cancellationToken);

    /// <inheritdoc/>
    public Task<WebhookDetail> CreateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Post, Webhooks, JsonSerializer.SerializeToUtf8Bytes(request, BatchJson.Default.WebhookRequest)),
        BatchJson.Default.WebhookDetail,
        cancellationToken);

    /// <inheritdoc/>
    public Task<WebhookDetail> UpdateWebhookAsync(WebhookRequest request, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Patch, WebhookOf(request.Name), JsonSerializer.SerializeToUtf8Bytes(request, BatchJson.Default.WebhookRequest)),
        BatchJson.Default.WebhookDetail,
        cancellationToken);

    /// <inheritdoc/>
    public Task DeleteWebhookAsync(string name, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Delete, WebhookOf(name), []), BatchJson.Default.EmptyAnswer, cancellationToken);

    /// <inheritdoc/>
    public Task<ListDeadLettersResponse> ListDeadLettersAsync(string name, string? after, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Get, $"{WebhookOf(name)}/dead-letters{(after is null ? "" : $"?after={Uri.EscapeDataString(after)}")}", []),
        BatchJson.Default.ListDeadLettersResponse,
        cancellationToken);

    /// <inheritdoc/>
    public Task<RedriveResponse> RedriveAsync(string name, RedriveRequest request, CancellationToken cancellationToken) => SendAsync(
        new(
            HttpMethod.Post,
            $"{WebhookOf(name)}/dead-letters/redrive",
            JsonSerializer.SerializeToUtf8Bytes(request, BatchJson.Default.RedriveRequest)),
        BatchJson.Default.RedriveResponse,
        cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> GetJobQueueVariablesAsync(string jobQueue, CancellationToken cancellationToken) =>
        GetVariablesAsync(JobQueues, jobQueue, cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> SetJobQueueVariablesAsync(SetJobEnvironmentRequest request, CancellationToken cancellationToken) =>
        SetVariablesAsync(JobQueues, request, cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> GetComputeEnvironmentVariablesAsync(string computeEnvironment, CancellationToken cancellationToken) =>
        GetVariablesAsync(ComputeEnvironments, computeEnvironment, cancellationToken);

    /// <inheritdoc/>
    public Task<JobEnvironmentNames> SetComputeEnvironmentVariablesAsync(SetJobEnvironmentRequest request, CancellationToken cancellationToken) =>
        SetVariablesAsync(ComputeEnvironments, request, cancellationToken);

    /// <inheritdoc/>
    public Task<ListHostsResponse> ListHostsAsync(ListHostsRequest request, CancellationToken cancellationToken)
    {
        // In the order of their names, as they are signed.
        var query = string.Join('&', new (string Name, string? Value)[]
        {
            ("history", request.History is { } history ? history ? "true" : "false" : null),
            ("maxResults", request.MaxResults?.ToString(CultureInfo.InvariantCulture)),
            ("nextToken", request.NextToken),
        }.Where(pair => pair.Value is not null).Select(pair => $"{pair.Name}={Uri.EscapeDataString(pair.Value!)}"));
        var path = $"/api/{ComputeEnvironments}/{Uri.EscapeDataString(request.ComputeEnvironment ?? string.Empty)}/hosts";
        return SendAsync(new(HttpMethod.Get, query.Length == 0 ? path : $"{path}?{query}", []), BatchJson.Default.ListHostsResponse, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<HostDetail> InterruptHostAsync(string hostId, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Post, $"/api/hosts/{Uri.EscapeDataString(hostId)}/interrupt", []), BatchJson.Default.HostDetail, cancellationToken);

    /// <inheritdoc/>
    public Task<PlacementExplanation> ExplainPlacementAsync(string jobId, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Get, $"/api/jobs/{Uri.EscapeDataString(jobId)}/placement", []), BatchJson.Default.PlacementExplanation, cancellationToken);

    /// <inheritdoc/>
    public Task<GetLogEventsResponse> GetLogEventsAsync(GetLogEventsRequest request, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Post, "/", JsonSerializer.SerializeToUtf8Bytes(request, BatchJson.Default.GetLogEventsRequest), LogsTarget + "GetLogEvents"),
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
        SendAsync(
            new(HttpMethod.Post, $"/v1/{operation.ToLowerInvariant()}", JsonSerializer.SerializeToUtf8Bytes(request, requestType)),
            answerType,
            cancellationToken);

    private Task<JobEnvironmentNames> GetVariablesAsync(string kind, string name, CancellationToken cancellationToken) => SendAsync(
        new(HttpMethod.Get, VariablesOf(kind, name), []), BatchJson.Default.JobEnvironmentNames, cancellationToken);

    private Task<JobEnvironmentNames> SetVariablesAsync(string kind, SetJobEnvironmentRequest request, CancellationToken cancellationToken) => SendAsync(
        new(
            HttpMethod.Put,
            VariablesOf(kind, request.Name ?? string.Empty),
            JsonSerializer.SerializeToUtf8Bytes(request, BatchJson.Default.SetJobEnvironmentRequest)),
        BatchJson.Default.JobEnvironmentNames,
        cancellationToken);

    private static string WebhookOf(string? name) => $"{Webhooks}/{Uri.EscapeDataString(name ?? string.Empty)}";

    private static string VariablesOf(string kind, string name) => $"/api/{kind}/{Uri.EscapeDataString(name)}/job-environment";

    private async Task<TAnswer> SendAsync<TAnswer>(Outgoing outgoing, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
    {
        // The same over all attempts: the scheduler knows a repetition by it.
        var invocation = Guid.NewGuid().ToString();
        try
        {
            return await Retries.RunAsync(
                async () =>
                {
                    using var message = Message(outgoing, invocation);
                    using var answer = await _http.SendAsync(message, HttpCompletionOption.ResponseContentRead, cancellationToken);
                    return await ReadAsync(answer, outgoing.Target is not null, answerType, cancellationToken);
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

    private HttpRequestMessage Message(Outgoing outgoing, string invocation)
    {
        var content = outgoing.Target is null ? BatchContent : LogsContent;
        var message = new HttpRequestMessage(outgoing.Method, new Uri(endpoint, outgoing.Path));
        SortedDictionary<string, string> headers = new(StringComparer.Ordinal)
        {
            ["host"] = endpoint.Authority,
            ["x-amz-date"] = RequestSignature.Time(time.GetUtcNow()),
            ["amz-sdk-invocation-id"] = invocation,
        };
        if (outgoing.Target is { } target)
        {
            headers["x-amz-target"] = target;
        }

        if (credentials?.SessionToken is { } token)
        {
            headers["x-amz-security-token"] = token;
        }

        foreach (var (name, value) in headers.Where(header => header.Key != "host"))
        {
            _ = message.Headers.TryAddWithoutValidation(name, value);
        }

        if (outgoing.Method != HttpMethod.Get)
        {
            message.Content = new ByteArrayContent(outgoing.Body) { Headers = { ContentType = new MediaTypeHeaderValue(content) } };
            headers["content-type"] = content;
        }

        _ = message.Headers.TryAddWithoutValidation("Authorization", Authorization(outgoing, headers));
        return message;
    }

    private string Authorization(Outgoing outgoing, SortedDictionary<string, string> headers)
    {
        var now = time.GetUtcNow();
        var service = outgoing.Target is null ? "batch" : "logs";
        return credentials is null
            ? RequestSignature.Unsigned(region, service, now)
            : RequestSignature.Sign(credentials, region, service, now, outgoing.Method.Method, outgoing.Path, headers, outgoing.Body);
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

    /// <summary>One request before it has headers.</summary>
    /// <param name="Method">HTTP method.</param>
    /// <param name="Path">Where to.</param>
    /// <param name="Body">What it says; nothing with a GET.</param>
    /// <param name="Target">The operation of the logs; null: none of them.</param>
    private sealed record Outgoing(HttpMethod Method, string Path, byte[] Body, string? Target = null);
}
