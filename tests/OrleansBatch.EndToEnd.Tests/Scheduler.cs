using System.Text.Json.Nodes;
using OrleansBatch.Testing;

// Each test has a scheduler of its own, and waits for processes most of the time.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.Collections, MaxThreads = 3)]

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>A scheduler of its own for a test, with a data folder that outlives the program.</summary>
internal sealed class Scheduler : IAsyncDisposable
{
    public const string Name = "e2e";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-e2e-").FullName;
    private SiloProcess? _silo;
    private BatchClient? _client;

    public Scheduler() => Directory.CreateDirectory(Witnesses);

    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("The scheduler is not running.");

    public BatchClient Client => _client ?? throw new InvalidOperationException("The scheduler is not running.");

    public string Data => Path.Combine(_folder, "data");

    /// <summary>The folder that the jobs themselves write into.</summary>
    public string Witnesses => Path.Combine(_folder, "witnesses");

    /// <summary>Starts it on what the last one left.</summary>
    public async Task StartAsync(IReadOnlyDictionary<string, string>? settings = null, params string[] arguments)
    {
        await ForgetAsync();
        _silo = await SiloProcess.StartAsync(Data, settings, [.. arguments, "--bare"]);
        _client = new(_silo.Endpoint);
    }

    /// <summary>An environment, a queue and a definition whose jobs run a shell script given as parameter.</summary>
    public Task SetUpAsync(int maxvCpus) => Client.SetUpAsync(Name, maxvCpus, "/bin/sh", "-c", "Ref::script");

    /// <summary>A definition of a multi-node job, all of whose nodes run a shell script given as parameter.</summary>
    public Task SetUpNodesAsync(int nodes) => Client.CallAsync("RegisterJobDefinition", new
    {
        jobDefinitionName = $"{Name}-nodes",
        type = "multinode",
        nodeProperties = new
        {
            numNodes = nodes,
            mainNode = 0,
            nodeRangeProperties = new[]
            {
                new
                {
                    targetNodes = "0:",
                    container = new
                    {
                        image = "busybox",
                        command = new[] { "/bin/sh", "-c", "Ref::script" },
                        resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } },
                    },
                },
            },
        },
    });

    /// <summary>What a submission of a script for all nodes asks. Each start of a node leaves a line in the node's own witness file.</summary>
    public object RequestOfNodes(string script, int attempts, params object[] dependsOn) => new
    {
        jobName = "nodes",
        jobQueue = Name,
        jobDefinition = $"{Name}-nodes",
        parameters = new { script = Witnessed(script) },
        retryStrategy = new { attempts },
        dependsOn,
    };

    /// <summary><c>kill -9</c> of the whole program but its supervisor.</summary>
    public Task KillAsync() => Silo.KillAsync();

    public Task<string> SubmitAsync(string script, int attempts = 1, string? invocationId = null) =>
        Client.SubmitAsync(Request(script, attempts), invocationId);

    /// <summary>What a submission of a script asks. Each start leaves a line in the job's own witness file.</summary>
    public object Request(string script, int attempts, int? size = null, params object[] dependsOn) => new
    {
        jobName = "job",
        jobQueue = Name,
        jobDefinition = Name,
        parameters = new { script = Witnessed(script) },
        retryStrategy = new { attempts },
        arrayProperties = new { size },
        dependsOn,
    };

    private string Witnessed(string script) => $"echo start $AWS_BATCH_JOB_ATTEMPT >> {Witnesses}/$AWS_BATCH_JOB_ID; {script}";

    public async Task<JsonObject> DescribeAsync(string jobId) => Assert.Single(await Client.DescribeAsync([jobId]));

    /// <summary>Waits until all jobs are as wanted.</summary>
    public async Task<IReadOnlyList<JsonObject>> UntilAsync(IReadOnlyCollection<string> jobIds, Func<JsonObject, bool> wanted)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            var jobs = await Client.DescribeAsync(jobIds);
            if (jobs.Count == jobIds.Count && jobs.All(wanted))
            {
                return jobs;
            }

            if (DateTime.UtcNow > deadline)
            {
                var sample = jobs.FirstOrDefault(job => !wanted(job));
                Assert.Fail($"{jobs.Count(wanted)} of {jobIds.Count} jobs came to be as wanted; one that is not: {sample?.ToJsonString()}\n{Silo.Output}");
            }

            await Task.Delay(BetweenLooks);
        }
    }

    public Task<IReadOnlyList<JsonObject>> UntilEndedAsync(IReadOnlyCollection<string> jobIds) => UntilAsync(jobIds, HasEnded);

    public Task<IReadOnlyList<JsonObject>> UntilRunningAsync(IReadOnlyCollection<string> jobIds) =>
        UntilAsync(jobIds, job => Status(job) == "RUNNING");

    public static bool HasEnded(JsonObject job) => Status(job) is "SUCCEEDED" or "FAILED";

    public static string Status(JsonObject job) => (string)job["status"]!;

    /// <summary>The lines that a job's starts left.</summary>
    public string[] Starts(string jobId)
    {
        var path = Path.Combine(Witnesses, jobId);
        return File.Exists(path) ? [.. File.ReadAllLines(path).Where(line => line.StartsWith("start ", StringComparison.Ordinal))] : [];
    }

    /// <summary>The lines of a job's log.</summary>
    public async Task<string[]> LogAsync(JsonObject job)
    {
        var page = await Client.LogsAsync("GetLogEvents", new
        {
            logGroupName = "/aws/batch/job",
            logStreamName = (string)job["container"]!["logStreamName"]!,
            startFromHead = true,
        });
        return [.. page["events"]!.AsArray().Select(line => (string)line!["message"]!)];
    }

    /// <summary>vCPUs in use now.</summary>
    public async Task<decimal> InUseAsync() => (await Client.GetAsync($"/api/compute-environments/{Name}/hosts?history=false"))["hosts"]!.AsArray().Sum(host => (decimal)host!["usedVcpus"]!);

    public async ValueTask DisposeAsync()
    {
        await ForgetAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task ForgetAsync()
    {
        _client?.Dispose();
        _client = null;
        if (_silo is { } silo)
        {
            _silo = null;
            await silo.DisposeAsync();
        }
    }
}
