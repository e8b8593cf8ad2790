using System.Diagnostics;
using System.Text.Json.Nodes;
using OrleansBatch.Testing;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>An array's children per second beside as many single jobs in the same run; its SubmitJob; the cancel of children that wait.</summary>
internal static class Arrays
{
    private const string Name = "bench";
    private const string Blocked = "blocked";

    public static async Task RunAsync(int children, int rounds, int submitters)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]Arrays[/]: {children} children of /bin/true beside {children} single jobs, one queue and 256 vCPUs, {rounds} rounds");
        await using var bench = await Bench.StartAsync();
        using var batches = await Batches.OpenAsync(bench, submitters);
        await batches.WarmUpAsync(2_000);

        List<double> ratios = [];
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Round", "Single jobs/s", "Children/s", "Ratio", "SubmitJob ms", "Looks", "Scheduler µs/job", "µs/child");
        for (var round = 1; round <= rounds; round++)
        {
            var start = bench.ProcessorTime();
            var single = await batches.RateAsync(children);
            var middle = bench.ProcessorTime();
            var (rate, submit, looks) = await RateAsync(bench.Client, children);
            var end = bench.ProcessorTime();
            ratios.Add(rate / single);
            table.AddRow(
                $"{round}",
                $"{single:F0}",
                $"{rate:F0}",
                $"{rate / single:F2}",
                $"{submit.TotalMilliseconds:F1}",
                $"{looks}",
                $"{(middle - start).Scheduler.TotalMicroseconds / children:F0}",
                $"{(end - middle).Scheduler.TotalMicroseconds / children:F0}");
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"Median ratio [bold]{Statistics.Percentile(ratios, 50):F2}[/]; at every look the seven counts were {children} together");
        await CancelAsync(bench.Client, Math.Min(children, 5_000));
    }

    private static async Task<(double Rate, TimeSpan Submit, int Looks)> RateAsync(BatchClient client, int children)
    {
        var watch = Stopwatch.StartNew();
        var array = await SubmitAsync(client, Name, children);
        var submit = watch.Elapsed;
        var looks = 0;
        while (true)
        {
            var job = (await client.DescribeAsync([array])).Single();
            looks++;
            var counts = job["arrayProperties"]!["statusSummary"]!.AsObject();
            if (counts.Sum(pair => (int)pair.Value!) != children)
            {
                throw new InvalidOperationException($"The counts are not {children} together: {counts.ToJsonString()}");
            }

            if ((string?)job["status"] == "SUCCEEDED")
            {
                return (children / watch.Elapsed.TotalSeconds, submit, looks);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Children that wait as their array, and children that wait with rows of their own.</summary>
    private static async Task CancelAsync(BatchClient client, int children)
    {
        await client.SetUpAsync(Blocked, 1, "/bin/sleep", "600");
        var holder = await SubmitAsync(client, Blocked, null);
        var first = await SubmitAsync(client, Name, children);
        while ((string?)(await client.DescribeAsync([first])).Single()["status"] != "SUCCEEDED")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        var asOne = await SubmitAsync(client, Blocked, children);
        var withRows = await SubmitAsync(client, Blocked, children, new { jobId = first, type = "N_TO_N" });
        while ((int)(await client.DescribeAsync([withRows])).Single()["arrayProperties"]!["statusSummary"]!["RUNNABLE"]! < children)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        foreach (var (array, what) in new[] { (asOne, "that wait as their array"), (withRows, "with rows of their own") })
        {
            var watch = Stopwatch.StartNew();
            _ = await client.CallAsync("CancelJob", new { jobId = array, reason = "measured" });
            var answered = watch.Elapsed;
            var listed = await ListFailedAsync(client, array);
            AnsiConsole.MarkupLineInterpolated(
                $"CancelJob of {children} waiting children {what}: answered in [bold]{answered.TotalMilliseconds:F0} ms[/], ListJobs shows {listed} FAILED after [bold]{watch.Elapsed.TotalMilliseconds:F0} ms[/]");
        }

        _ = await client.CallAsync("TerminateJob", new { jobId = holder, reason = "measured" });
    }

    private static async Task<int> ListFailedAsync(BatchClient client, string array)
    {
        var count = 0;
        JsonNode? token = null;
        do
        {
            var page = await client.CallAsync("ListJobs", new { arrayJobId = array, jobStatus = "FAILED", nextToken = (string?)token });
            count += page["jobSummaryList"]!.AsArray().Count;
            token = page["nextToken"];
        }
        while (token is not null);
        return count;
    }

    private static async Task<string> SubmitAsync(BatchClient client, string queue, int? size, params object[] dependsOn) => await client.SubmitAsync(new
    {
        jobName = "array",
        jobQueue = queue,
        jobDefinition = queue,
        arrayProperties = new { size },
        dependsOn,
    });
}
