using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>What limits on jobs cost: two schedulers, one with and one without, take turns in the same run.</summary>
internal static class Limits
{
    public static async Task RunAsync(int jobs, int rounds, int submitters)
    {
        AnsiConsole.MarkupLineInterpolated(
            $"[bold]Limits[/]: {jobs} jobs of /bin/true with limits of memory, CPU shares and processes, and as many without, {rounds} rounds in turns");
        await using var limited = await Bench.StartAsync();
        await using var free = await Bench.StartAsync("--no-limits");
        using var limitedBatches = await Batches.OpenAsync(limited, submitters);
        using var freeBatches = await Batches.OpenAsync(free, submitters);
        await limitedBatches.WarmUpAsync(jobs);
        await freeBatches.WarmUpAsync(jobs);

        List<double> ratios = [];
        var table = new Table().Border(TableBorder.Simple).AddColumns("Round", "Jobs/s without", "Jobs/s with", "Ratio");
        for (var round = 1; round <= rounds; round++)
        {
            // Who goes first changes: the machine's speed drifts.
            var first = round % 2 == 0;
            var without = first ? await freeBatches.RateAsync(jobs) : 0;
            var with = await limitedBatches.RateAsync(jobs);
            without = first ? without : await freeBatches.RateAsync(jobs);
            ratios.Add(with / without);
            table.AddRow($"{round}", $"{without:F0}", $"{with:F0}", $"{with / without:F2}");
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLineInterpolated($"Median ratio [bold]{Statistics.Percentile(ratios, 50):F2}[/]");
    }
}
