using System.Text.Json;
using OrleansBatch.Chaos.Checker;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Tests;

/// <summary>The history's file, and what the checker may refer to.</summary>
public sealed class HistoryFileTests
{
    [Fact]
    public void What_is_written_is_read_again()
    {
        Entry[] entries =
        [
            new RunBegan { At = 1, Seed = 7, BootedAt = 12.5 },
            new SubmissionPlanned { At = 2, Key = "a", InvocationId = "i", Attempts = 2, Environment = "e", DependsOn = [new("b", "N_TO_N")], Exits = [1, 0], ExitOnTerm = 0 },
            new CallAnswered { At = 3, Call = 1, Status = 200, JobId = "id" },
            new ProcessEnded { At = 4, JobId = "id", Attempt = 1, Node = "n", Pid = 5, ExitCode = 3 },
            new JobRow { At = 5, Row = JsonSerializer.SerializeToElement(new { jobId = "id" }) },
        ];
        var read = entries.Select(HistoryFile.ToLine).Select(HistoryFile.Parse).ToList();
        Assert.Equal(entries.Select(HistoryFile.ToLine), read.Select(HistoryFile.ToLine));
        Assert.Equal(entries.Select(entry => entry.GetType()), read.Select(entry => entry.GetType()));
        Assert.All(entries.Select(HistoryFile.ToLine), line => Assert.DoesNotContain('\n', line));
    }

    [Fact]
    public void The_checker_shares_no_code_with_the_product() =>
        Assert.All(typeof(HistoryChecker).Assembly.GetReferencedAssemblies(), reference => Assert.StartsWith("System.", reference.Name, StringComparison.Ordinal));

    [Fact]
    public void Every_invariant_says_something_of_its_own() =>
        Assert.Equal(HistoryChecker.Invariants.Count, HistoryChecker.Invariants.Select(invariant => invariant.Statement).Distinct().Count());
}
