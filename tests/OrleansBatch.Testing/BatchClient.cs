using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace OrleansBatch.Testing;

/// <summary>Speaks the wire as plainly as can be: an operation's name, a JSON object, a JSON object.</summary>
public sealed class BatchClient(Uri endpoint, string region = "us-east-1") : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 256 })
    {
        BaseAddress = endpoint,
        DefaultRequestHeaders =
        {
            { "Authorization", $"AWS4-HMAC-SHA256 Credential=test/20260101/{region}/batch/aws4_request, SignedHeaders=host, Signature=0" },
        },
    };

    /// <summary>Calls an operation.</summary>
    /// <exception cref="BatchCallException">The answer is an error.</exception>
    public async Task<JsonObject> CallAsync(string operation, object request, string? invocationId = null, CancellationToken cancellationToken = default)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, $"/v1/{operation.ToLowerInvariant()}") { Content = JsonContent.Create(request) };
        if (invocationId is not null)
        {
            message.Headers.Add("amz-sdk-invocation-id", invocationId);
        }

        return await SendAsync(message, cancellationToken);
    }

    /// <summary>Reads from the part of the API that is our own.</summary>
    /// <exception cref="BatchCallException">The answer is an error.</exception>
    public async Task<JsonObject> GetAsync(string path)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, path);
        return await SendAsync(message, default);
    }

    /// <summary>Calls an operation of the logs.</summary>
    /// <exception cref="BatchCallException">The answer is an error.</exception>
    public async Task<JsonObject> LogsAsync(string operation, object request)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, "/") { Content = JsonContent.Create(request) };
        message.Headers.Add("X-Amz-Target", $"Logs_20140328.{operation}");
        return await SendAsync(message, default);
    }

    /// <summary>Submits a job; gives its id.</summary>
    public async Task<string> SubmitAsync(object request, string? invocationId = null, CancellationToken cancellationToken = default) =>
        (string)(await CallAsync("SubmitJob", request, invocationId, cancellationToken))["jobId"]!;

    /// <summary>Describes jobs, a hundred a call.</summary>
    public async Task<IReadOnlyList<JsonObject>> DescribeAsync(IEnumerable<string> jobIds)
    {
        List<JsonObject> jobs = [];
        foreach (var chunk in jobIds.Chunk(100))
        {
            jobs.AddRange((await CallAsync("DescribeJobs", new { jobs = chunk }))["jobs"]!.AsArray().Select(job => job!.AsObject()));
        }

        return jobs;
    }

    /// <summary>An environment, a queue over it and a definition, all of one name.</summary>
    public async Task SetUpAsync(string name, int maxvCpus, params string[] command)
    {
        _ = await CallAsync("CreateComputeEnvironment", new
        {
            computeEnvironmentName = name,
            type = "MANAGED",
            computeResources = new
            {
                type = "EC2",
                minvCpus = 0,
                maxvCpus,
                instanceTypes = new[] { "default_arm64" },
                instanceRole = "ecsInstanceRole",
                subnets = new[] { "subnet-1" },
                securityGroupIds = new[] { "sg-1" },
            },
        });
        _ = await CallAsync("CreateJobQueue", new
        {
            jobQueueName = name,
            priority = 1,
            computeEnvironmentOrder = new[] { new { order = 1, computeEnvironment = name } },
        });
        _ = await CallAsync("RegisterJobDefinition", new
        {
            jobDefinitionName = name,
            type = "container",
            containerProperties = new
            {
                image = "host",
                command,
                resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } },
            },
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<JsonObject> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var answer = await _http.SendAsync(message, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var body = string.IsNullOrEmpty(text) ? [] : JsonNode.Parse(text)!.AsObject();
        return answer.IsSuccessStatusCode
            ? body
            : throw new BatchCallException((int)answer.StatusCode, (string?)body["__type"] ?? "", (string?)body["message"] ?? text);
    }
}

/// <summary>The answer to a call was an error.</summary>
public sealed class BatchCallException(int status, string type, string text) : Exception($"{status} {type}: {text}")
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>Error type.</summary>
    public string Type { get; } = type;
}
