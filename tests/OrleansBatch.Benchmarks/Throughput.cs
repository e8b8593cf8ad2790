using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansBatch.Testing;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>Jobs per second from the first SubmitJob to the last stored end, beside bare process starts in the same run.</summary>
internal static class Throughput
{
    private const string Name = "bench";

    /// <summary>Until then the compiler still works beside the jobs, and takes more from the bare starts than from ours.</summary>
    private const int WarmUps = 12;

    private const string Request = $$"""{"jobName":"true","jobQueue":"{{Name}}","jobDefinition":"{{Name}}"}""";

    public static async Task RunAsync(int jobs, int rounds, int submitters)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]Throughput[/]: {jobs} jobs of /bin/true through one queue and 256 vCPUs, {submitters} submitters, {rounds} rounds, interleaved with bare posix_spawn and wait by two threads");
        await using var bench = await Bench.StartAsync();
        await bench.Client.SetUpAsync(Name, 256, "/bin/true");
        var connections = await Task.WhenAll(Enumerable.Range(0, submitters).Select(_ => SubmitConnection.OpenAsync(bench.Endpoint, Request)));
        for (var warmUp = 0; warmUp < WarmUps; warmUp++)
        {
            AnsiConsole.MarkupLineInterpolated($"[dim]Warming up, {warmUp + 1} of {WarmUps}[/]");
            _ = await BatchAsync(bench.Client, connections, jobs);
        }

        List<double> ratios = [];
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Round", "Bare starts/s", "Jobs/s", "Ratio", "Scheduler µs/job", "Supervisor µs/job", "Client µs/job");
        for (var round = 1; round <= rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            BareSpawn.Run(jobs, 2, "/bin/true");
            var bare = jobs / watch.Elapsed.TotalSeconds;
            var before = bench.ProcessorTime();
            var ours = jobs / (await BatchAsync(bench.Client, connections, jobs)).TotalSeconds;
            var used = bench.ProcessorTime() - before;
            ratios.Add(ours / bare);
            table.AddRow(
                $"{round}",
                $"{bare:F0}",
                $"{ours:F0}",
                $"{ours / bare:F2}",
                $"{used.Scheduler.TotalMicroseconds / jobs:F0}",
                $"{used.Supervisor.TotalMicroseconds / jobs:F0}",
                $"{used.Client.TotalMicroseconds / jobs:F0}");
        }

        Array.ForEach(connections, connection => connection.Dispose());
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"Median ratio [bold]{Statistics.Percentile(ratios, 50):F2}[/]");
    }

    private static async Task<TimeSpan> BatchAsync(BatchClient client, SubmitConnection[] connections, int jobs)
    {
        var answers = new byte[jobs][];
        var next = -1;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(connections.Select(async connection =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < jobs;)
            {
                answers[i] = await connection.SubmitAsync();
            }
        }));
        while (await AnyAsync(client, "RUNNABLE") || await AnyAsync(client, "STARTING") || await AnyAsync(client, "RUNNING"))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }

        watch.Stop();
        var failed = (await client.DescribeAsync(answers.Select(answer => (string)JsonNode.Parse(answer)!["jobId"]!))).Count(job => (string?)job["status"] != "SUCCEEDED");
        return failed == 0 ? watch.Elapsed : throw new InvalidOperationException($"{failed} of {jobs} jobs did not succeed.");
    }

    /// <summary>A job moves on in this order only: who sees none in each, one after the other, sees the end.</summary>
    private static async Task<bool> AnyAsync(BatchClient client, string status) =>
        (await client.CallAsync("ListJobs", new { jobQueue = Name, jobStatus = status, maxResults = 1 }))["jobSummaryList"]!.AsArray().Count > 0;
}
