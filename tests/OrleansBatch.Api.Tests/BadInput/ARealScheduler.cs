using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using OrleansBatch.Testing;

namespace OrleansBatch.Api.Tests.BadInput;

/// <summary>The whole program, with its real rules, for all tests of bad input: they share it, and none may harm it.</summary>
public sealed class ARealScheduler : IAsyncLifetime
{
    /// <summary>The collection of those tests.</summary>
    public const string Collection = "bad input";

    /// <summary>An answer comes within this or is held to hang.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-bad-input-").FullName;
    private SiloProcess? _silo;
    private HttpClient? _client;
    private int _heard;

    /// <summary>Where it listens.</summary>
    public Uri Endpoint => _silo!.Endpoint;

    /// <summary>A job that waits for ever: its environment has no vCPU.</summary>
    public string JobId { get; private set; } = "";

    /// <summary>An array of two that waits for ever too.</summary>
    public string ArrayId { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.StartAsync(Path.Combine(_folder, "data"), null, "--bare");
        _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 }) { BaseAddress = Endpoint, Timeout = Timeout.InfiniteTimeSpan };
        using var batch = new BatchClient(Endpoint);
        await batch.SetUpAsync("valid", maxvCpus: 0, "/bin/true");
        await batch.SetUpAsync("changing", maxvCpus: 0, "/bin/true");
        _ = await batch.CallAsync("CreateSchedulingPolicy", new { name = "valid" });
        _ = await batch.CallAsync("CreateConsumableResource", new { consumableResourceName = "valid" });
        _ = await batch.CallAsync("CreateJobQueue", new
        {
            jobQueueName = "fair",
            priority = 1,
            schedulingPolicyArn = "valid",
            computeEnvironmentOrder = new[] { new { order = 1, computeEnvironment = "valid" } },
        });
        _ = await batch.CallAsync("RegisterJobDefinition", new
        {
            jobDefinitionName = "nodes",
            type = "multinode",
            nodeProperties = new
            {
                numNodes = 2,
                mainNode = 0,
                nodeRangeProperties = new[]
                {
                    new
                    {
                        targetNodes = "0:",
                        container = new { image = "i", command = new[] { "c" }, resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } } },
                    },
                },
            },
        });
        JobId = await batch.SubmitAsync(new { jobName = "valid", jobQueue = "valid", jobDefinition = "valid" });
        ArrayId = await batch.SubmitAsync(new { jobName = "array", jobQueue = "valid", jobDefinition = "valid", arrayProperties = new { size = 2 } });
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_silo is not null)
        {
            await _silo.InterruptAsync();
            await _silo.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Sends a request. Whatever is in it, an answer must come.</summary>
    internal async Task<WireAnswer> SendAsync(HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var patience = new CancellationTokenSource(Patience);
        using HttpRequestMessage request = new(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        using var response = await _client!.SendAsync(request, patience.Token);
        var body = await response.Content.ReadAsStringAsync(patience.Token);
        return new((int)response.StatusCode, body, response.Headers, response.Content.Headers.ContentType?.MediaType ?? "");
    }

    /// <summary>A request's body, with what its placeholders stand for.</summary>
    internal byte[] Body(AnOperation operation, string text) => operation.Body(text, JobId, ArrayId);

    /// <summary>Sends an operation's request body.</summary>
    internal Task<WireAnswer> CallAsync(AnOperation operation, byte[] body) =>
        SendAsync(operation.Method, operation.Path.Replace("{job}", JobId, StringComparison.Ordinal), new ByteArrayContent(body), operation.Headers);

    /// <summary>It still serves, and nothing failed on its side.</summary>
    internal async Task AssertUnharmedAsync()
    {
        var answer = await SendAsync(HttpMethod.Post, "/v1/describejobs", new StringContent($$"""{"jobs":["{{JobId}}"]}"""));
        Assert.Equal(200, answer.Status);
        Assert.Contains("\"RUNNABLE\"", answer.Body, StringComparison.Ordinal);

        // What an earlier test brought about is that one's failure.
        var said = _silo!.Output[_heard..];
        _heard += said.Length;
        Assert.False(said.Contains("failed on our side", StringComparison.Ordinal) || said.Contains("Exception", StringComparison.Ordinal), said);
    }
}

#pragma warning disable CA1711 // What xunit calls a collection.
/// <summary>Says to xunit that the tests of the collection share one.</summary>
[CollectionDefinition(ARealScheduler.Collection)]
public sealed class BadInputCollection : ICollectionFixture<ARealScheduler>;
#pragma warning restore CA1711

/// <summary>What came back.</summary>
internal sealed record WireAnswer(int Status, string Body, HttpResponseHeaders Headers, string MediaType)
{
    /// <summary>What the error says; null: it is none.</summary>
    public string? Message { get; private set; }

    /// <summary>What is wrong with the answer itself; null: it is sound.</summary>
    public string? Unsoundness()
    {
        if (!Headers.TryGetValues("x-amzn-RequestId", out var ids) || !Guid.TryParse(ids.Single(), out _))
        {
            return "it has no request id";
        }

        if (Status is not (200 or (>= 400 and < 500)))
        {
            return $"its status is {Status}";
        }

        if (Body.Length > 20_000 && Status != 200)
        {
            return "it is endless";
        }

        if (Body.Contains("OrleansBatch.", StringComparison.Ordinal) || Body.Contains("System.", StringComparison.Ordinal) || Body.Contains("`1", StringComparison.Ordinal))
        {
            return "it speaks of types of this program";
        }

        if (Status == 200)
        {
            return null;
        }

        if (!Headers.TryGetValues("x-amzn-ErrorType", out var types))
        {
            return "it has no error type";
        }

        var (type, message) = MediaType == "text/xml" ? ReadXml() : ReadJson();
        Message = message;
        return type != types.Single() ? $"its body says {type}" : string.IsNullOrWhiteSpace(message) ? "it says nothing" : null;
    }

    private (string? Type, string? Message) ReadJson()
    {
        using var document = JsonDocument.Parse(Body);
        return (document.RootElement.GetProperty("__type").GetString(), document.RootElement.GetProperty("message").GetString());
    }

    private (string? Type, string? Message) ReadXml()
    {
        var error = XDocument.Parse(Body).Descendants().Single(element => element.Name.LocalName == "Error");
        return (error.Elements().Single(element => element.Name.LocalName == "Code").Value, error.Elements().Single(element => element.Name.LocalName == "Message").Value);
    }
}

/// <summary>An operation with a request that it takes.</summary>
/// <param name="Name">As AWS calls it.</param>
/// <param name="Path">Where it is served.</param>
/// <param name="Valid">A request that is accepted; <c>{new}</c> stands for a name that there was not before, <c>{job}</c> for a job's id, <c>{array}</c> for an array's.</param>
/// <param name="Type">The type of its request.</param>
/// <param name="Headers">What it needs beside the body.</param>
internal sealed record AnOperation(string Name, string Path, string Valid, Type Type, params (string Name, string Value)[] Headers)
{
    private static int _names;

    /// <summary>Whether even this one is refused, for what it means does not exist.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Tells it from another with the same name; nothing: there is none.</summary>
    public string Variant { get; init; } = "";

    public HttpMethod Method { get; init; } = HttpMethod.Post;

    public override string ToString() => Name + Variant;

    public byte[] Body(string text, string jobId, string arrayId) => Encoding.UTF8.GetBytes(text
        .Replace("{new}", $"n{Interlocked.Increment(ref _names)}", StringComparison.Ordinal)
        .Replace("{job}", jobId, StringComparison.Ordinal)
        .Replace("{array}", arrayId, StringComparison.Ordinal));
}
