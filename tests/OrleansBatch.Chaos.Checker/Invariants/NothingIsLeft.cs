using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>When all is quiet every job has ended, no process of any lives, and nothing is reserved.</summary>
public sealed class NothingIsLeft : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "Nothing is left over when all is quiet.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        foreach (var row in history.Rows.Values.Where(row => !row.HasEnded))
        {
            yield return (row.JobId, $"it is {row.Status} at the end.");
        }

        if (history.Of<QuietReached>().LastOrDefault() is not { } quiet)
        {
            yield return ("the run", "it never came to be quiet.");
            yield break;
        }

        if (quiet.GaveUp is { } why)
        {
            yield return ("the run", $"it never came to be quiet: {why}");
        }

        foreach (var (environment, vcpus) in quiet.VcpusInUse.Where(each => each.Value != 0))
        {
            yield return (environment, FormattableString.Invariant($"{vcpus} of its vCPUs are in use, and there is no job."));
        }

        foreach (var pid in quiet.Alive)
        {
            var life = history.Lives.LastOrDefault(life => life.Pid == pid);
            yield return (life?.JobId ?? $"process {pid}", $"its process lives: {life?.ToString() ?? $"{pid}"}.");
        }

        foreach (var life in history.Lives.Where(life => life.IsOpen && !quiet.Alive.Contains(life.Pid)))
        {
            yield return (life.JobId, $"nobody knows what became of its process: {life}.");
        }
    }
}
