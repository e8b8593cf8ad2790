using OrleansBatch.Chaos.Checker;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos;

/// <summary>What came of a run.</summary>
public sealed record ChaosResult
{
    private const int ShownOfEach = 5;

    /// <summary>What it was to be.</summary>
    public required ChaosOptions Options { get; init; }

    /// <summary>Its history.</summary>
    public required RunHistory History { get; init; }

    /// <summary>What must not be; empty: all is well.</summary>
    public required IReadOnlyList<Violation> Violations { get; init; }

    /// <summary>Which faults there could not be here, and why.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>Where its folder is, with the history and the programs' logs; null: it was removed.</summary>
    public string? Folder { get; init; }

    /// <summary>Calls, and those of them that were repetitions.</summary>
    public required (long All, long Repeated) Calls { get; init; }

    /// <summary>Programs that ended although nobody had ended them, as a silo does that the others have given up, and were started again.</summary>
    public IReadOnlyList<string> OwnEnds { get; init; } = [];

    /// <summary>Faults that were seen to strike.</summary>
    public IReadOnlyList<FaultInjected> Struck => [.. History.Of<FaultInjected>().Where(fault => fault.Struck)];

    /// <summary>Processes of jobs that really started.</summary>
    public int Starts => History.Lives.Count;

    /// <summary>Attempts that were lost with their host, and those of them that had not started.</summary>
    public (int All, int Unstarted) Lost
    {
        get
        {
            var lost = History.Rows.Values.SelectMany(row => row.Attempts.Index().Where(attempt => attempt.Item.IsOfLostHost).Select(attempt => (row.JobId, Attempt: attempt.Index + 1))).ToList();
            return (lost.Count, lost.Count(attempt => History.LivesOf(attempt.JobId).All(life => life.Attempt != attempt.Attempt)));
        }
    }

    /// <summary>The head of a table whose rows are <see cref="Row"/>, for a page.</summary>
    public static string RowHead => "| Seed | Minutes | Silos, agents | Lease | Jobs | Starts | Lost with their host (not started) | Calls (repeated) | Faults that struck | Violations |\n|---|---|---|---|---|---|---|---|---|---|";

    /// <summary>Its figures, as a row of a table.</summary>
    public string Row => FormattableString.Invariant(
        $"| {Options.Seed} | {Options.Time.TotalMinutes} | {Options.Silos}, {Options.Agents} | {Options.Lease.TotalSeconds} s | {History.Rows.Count} | {Starts} | {Lost.All} ({Lost.Unstarted}) | {Calls.All} ({Calls.Repeated}) | {Struck.Count}: {Faults()} | {Violations.Count} |");

    /// <summary>Says it in words.</summary>
    public string Report()
    {
        var lines = new List<string>
        {
            $"Seed {Options.Seed}: {History.Rows.Count} jobs and children, {Starts} starts, {Lost.All} attempts lost with their host ({Lost.Unstarted} before they started), {Calls.All} calls ({Calls.Repeated} repeated), {Struck.Count} faults struck.",
            $"Faults: {Faults()}",
        };
        lines.AddRange(OwnEnds.Select(end => $"Ended by itself, and was started again: {end}"));
        lines.AddRange(LeftOut.Select(left => $"Left out: {left}"));
        foreach (var broken in Violations.GroupBy(violation => violation.Statement))
        {
            lines.Add($"VIOLATED, {broken.Count()} times: {broken.Key}");
            lines.AddRange(broken.Take(ShownOfEach).Select(violation => $"  {violation.Subject}: {violation.Because}"));
        }

        lines.Add(Violations.Count == 0 ? "No violation." : $"{Violations.Count} violations. History and logs: {Folder}");
        lines.Add($"To repeat it: {Options.Command}");
        return string.Join('\n', lines);
    }

    private string Faults() => string.Join(", ", History.Of<FaultInjected>().GroupBy(fault => fault.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal)
        .Select(kind => $"{kind.Key} {kind.Count(fault => fault.Struck)}{(kind.All(fault => fault.Struck) ? "" : $" of {kind.Count()}")}"));
}
