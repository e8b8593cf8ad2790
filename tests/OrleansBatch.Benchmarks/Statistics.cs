using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>How figures are condensed.</summary>
internal static class Statistics
{
    /// <summary>The nearest-rank percentile.</summary>
    public static double Percentile(IEnumerable<double> values, int percent)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100.0 * sorted.Count) - 1, 0, sorted.Count - 1)];
    }

    public static void AddRow(Table table, string name, List<double> values) => table.AddRow(
        name,
        $"{Percentile(values, 50):F1}",
        $"{Percentile(values, 90):F1}",
        $"{Percentile(values, 99):F1}",
        $"{values.Max():F1}");
}
