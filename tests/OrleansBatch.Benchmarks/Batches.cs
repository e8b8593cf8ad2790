using System.Diagnostics;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>Batches of <c>/bin/true</c> through one queue and 256 vCPUs, from many submitters at a time.</summary>
internal sealed class Batches : IDisposable
{
    private const string Name = "bench";

    /// <summary>Until then the compiler still works beside the jobs, and takes more from the bare starts than from ours.</summary>
    private const int WarmUps = 12;

    private const string Request = $$"""{"jobName":"true","jobQueue":"{{Name}}","jobDefinition":"{{Name}}"}""";

    private readonly Bench _bench;
    private readonly SubmitConnection[] _connections;

    private Batches(Bench bench, SubmitConnection[] connections) => (_bench, _connections) = (bench, connections);

    /// <summary>Makes what the jobs need, and connects.</summary>
    public static async Task<Batches> OpenAsync(Bench bench, int submitters)
    {
        await bench.Client.SetUpAsync(Name, 256, "/bin/true");
        return new(bench, await Task.WhenAll(Enumerable.Range(0, submitters).Select(_ => SubmitConnection.OpenAsync(bench.Endpoint, Request))));
    }

    public async Task WarmUpAsync(int jobs)
    {
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            AnsiConsole.MarkupLineInterpolated($"[dim]Warming up, {warmUp + 1} of {WarmUps}[/]");
            _ = await RateAsync(jobs);
        }
    }

    /// <summary>Jobs per second from the first SubmitJob to the last stored end.</summary>
    public async Task<double> RateAsync(int jobs)
    {
        var answers = new byte[jobs][];
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(_connections.Select(async connection =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < jobs;)
            {
                answers[i] = await connection.SubmitAsync();
            }
        }));
        while (await AnyAsync("RUNNABLE") || await AnyAsync("STARTING") || await AnyAsync("RUNNING"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        watch.Stop();
        var ids = answers.Select(answer => (string)JsonNode.Parse(answer)!["jobId"]!);
        var failed = (await _bench.Client.DescribeAsync(ids)).Count(job => (string?)job["status"] != "SUCCEEDED");
        return failed == 0 ? jobs / watch.Elapsed.TotalSeconds : throw new InvalidOperationException($"{failed} of {jobs} jobs did not succeed.");
    }

    public void Dispose() => Array.ForEach(_connections, connection => connection.Dispose());

    /// <summary>A job moves on in this order only: who sees none in each, one after the other, sees the end.</summary>
    private async Task<bool> AnyAsync(string status) =>
        (await _bench.Client.CallAsync("ListJobs", new { jobQueue = Name, jobStatus = status, maxResults = 1 }))["jobSummaryList"]!.AsArray().Count > 0;
}
