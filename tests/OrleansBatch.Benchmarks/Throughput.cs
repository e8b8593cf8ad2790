using System.Diagnostics;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>Jobs per second from the first SubmitJob to the last stored end, beside bare process starts in the same run.</summary>
internal static class Throughput
{
    public static async Task RunAsync(int jobs, int rounds, int submitters)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]Throughput[/]: {jobs} jobs of /bin/true through one queue and 256 vCPUs, {submitters} submitters, {rounds} rounds, interleaved with bare posix_spawn and wait by two threads");
        await using var bench = await Bench.StartAsync();
        using var batches = await Batches.OpenAsync(bench, submitters);
        await batches.WarmUpAsync(jobs);

        List<double> ratios = [];
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Round", "Bare starts/s", "Jobs/s", "Ratio", "Scheduler µs/job", "Supervisor µs/job", "Client µs/job");
        for (var round = 1; round <= rounds; round++)
        {
            var watch = Stopwatch.StartNew();
            BareSpawn.Run(jobs, 2, "/bin/true");
            var bare = jobs / watch.Elapsed.TotalSeconds;
            var before = bench.ProcessorTime();
            var ours = await batches.RateAsync(jobs);
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

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"Median ratio [bold]{Statistics.Percentile(ratios, 50):F2}[/]");
    }
}
