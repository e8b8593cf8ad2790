using System.Globalization;
using OrleansBatch.Testing;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>On an idle machine, one job at a time: from sending SubmitJob to a stamp that the job writes, and to RUNNING in DescribeJobs.</summary>
internal static class Latency
{
    private const string Name = "bench";
    private static readonly string[] Stamp = ["/bin/sh", "-c", "date +%s%N; exec sleep 60"];

    public static async Task RunAsync(int jobs)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]Latency[/]: {jobs} jobs one by one on an idle scheduler, interleaved with the same script started bare");
        await using var bench = await Bench.StartAsync();
        await bench.Client.SetUpAsync(Name, 256, Stamp);
        for (var i = 0; i < jobs / 2; i++)
        {
            _ = await OneAsync(bench.Client);
        }

        List<double> bare = [];
        List<double> started = [];
        List<double> running = [];
        for (var i = 0; i < jobs; i++)
        {
            bare.Add(OneBare(bench.Folder));
            var (start, run) = await OneAsync(bench.Client);
            started.Add(start);
            running.Add(run);
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("Milliseconds from SubmitJob", "p50", "p90", "p99", "Maximum");
        Statistics.AddRow(table, "Bare start of the same script to its stamp", bare);
        Statistics.AddRow(table, "To the job's own stamp", started);
        Statistics.AddRow(table, "To RUNNING in DescribeJobs", running);
        AnsiConsole.Write(table);
    }

    private static async Task<(double Started, double Running)> OneAsync(BatchClient client)
    {
        var sent = DateTimeOffset.UtcNow;
        var id = await client.SubmitAsync(new { jobName = "stamp", jobQueue = Name, jobDefinition = Name });
        string? stream = null;
        while (stream is null)
        {
            var job = (await client.DescribeAsync([id]))[0];
            stream = (string?)job["status"] == "RUNNING" ? (string?)job["container"]!["logStreamName"] : null;
        }

        var running = (DateTimeOffset.UtcNow - sent).TotalMilliseconds;
        string? stamp = null;
        while (stamp is null)
        {
            var log = await client.LogsAsync("GetLogEvents", new { logGroupName = "/aws/batch/job", logStreamName = stream, startFromHead = true });
            stamp = log["events"]!.AsArray() is { Count: > 0 } lines ? (string?)lines[0]!["message"] : null;
        }

        _ = await client.CallAsync("TerminateJob", new { jobId = id, reason = "measured" });
        while ((string?)(await client.DescribeAsync([id]))[0]["status"] != "FAILED")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2));
        }

        return (Since(sent, stamp), running);
    }

    private static double OneBare(string folder)
    {
        var path = Path.Combine(folder, "stamp");
        var sent = DateTimeOffset.UtcNow;
        BareSpawn.Wait(BareSpawn.Start("/bin/sh", "-c", $"/bin/date +%s%N > {path}"));
        return Since(sent, File.ReadAllText(path));
    }

    private static double Since(DateTimeOffset sent, string stampNanoseconds) =>
        (long.Parse(stampNanoseconds.Trim(), CultureInfo.InvariantCulture) / 1e6) - ((sent - DateTimeOffset.UnixEpoch).Ticks / 1e4);
}
