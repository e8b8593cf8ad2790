using System.Diagnostics;
using System.Reflection;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>How long a person waits for <c>orleansbatch run</c>, the whole program from its start to its exit, beside a bare start of .NET.</summary>
internal static class ConsoleRun
{
    private const string Name = "bench";
    private const int ExitCode = 3;
    private const int WarmUps = 5;
    private static readonly string[] Script = ["--", "sh", "-c", $"echo hi; exit {ExitCode}"];

    private static string ProgramPath { get; } = Path.GetFullPath(
        typeof(ConsoleRun).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "ConsolePath").Value!);

    public static async Task RunAsync(int runs)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold]Console[/]: {runs} times orleansbatch run {string.Join(' ', Script)}, in turn over both ways");
        await using var bench = await Bench.StartAsync();
        await bench.Client.SetUpAsync(Name, 256, "true");
        string[] run = ["run", "--queue", Name, "--definition", Name];
        (string Name, string[] Arguments, int Code, List<double> Times)[] rows =
        [
            ("Bare start of the program", ["--version"], 0, []),
            ("run over HTTP", [.. run, "--endpoint", bench.Endpoint.ToString(), .. Script], ExitCode, []),
            ("run over a gateway", [.. run, "--gateway", bench.Gateway, .. Script], ExitCode, []),
        ];
        for (var i = -WarmUps; i < runs; i++)
        {
            foreach (var row in rows)
            {
                var took = await OneAsync(row.Arguments, row.Code);
                if (i >= 0)
                {
                    row.Times.Add(took);
                }
            }
        }

        var table = new Table().Border(TableBorder.Simple).AddColumns("Milliseconds", "p50", "p90", "p99", "Maximum", "Minimum");
        foreach (var row in rows)
        {
            Statistics.AddRow(table, row.Name, row.Times);
            table.UpdateCell(table.Rows.Count - 1, 5, $"{row.Times.Min():F1}");
        }

        AnsiConsole.Write(table);
    }

    private static async Task<double> OneAsync(string[] arguments, int code)
    {
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(ProgramPath, arguments) { RedirectStandardOutput = true })!;
        _ = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var took = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
        return process.ExitCode == code ? took : throw new InvalidOperationException($"It ended with {process.ExitCode}.");
    }
}
