using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>At no time do the processes that live on an environment, a host or a node ask for more than it has.</summary>
public sealed class NeverOversubscribed : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "Capacity is never given out twice.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history)
    {
        var of = new Dictionary<string, ILookup<string?, ProcessLife>>
        {
            [CapacityDeclared.OfEnvironment] = history.Lives.ToLookup(life => history.SubmissionOf(life.JobId)?.Environment),
            [CapacityDeclared.OfNode] = history.Lives.ToLookup(life => (string?)life.Node),
            [CapacityDeclared.OfHost] = history.Lives.ToLookup(life => HostOf(history, life)),
        };
        foreach (var capacity in history.Of<CapacityDeclared>())
        {
            var counted = of[capacity.Scope][capacity.Name].Where(life => capacity.Environment is not { } only || history.SubmissionOf(life.JobId)?.Environment == only);
            if (Most(history, counted) is { Vcpus: var most, Alive: var alive } && most > capacity.Vcpus)
            {
                yield return ($"{capacity.Scope} {capacity.Name}", FormattableString.Invariant(
                    $"it has {capacity.Vcpus} vCPUs, but {most} were in use at {Clock.Of(alive.Max(life => life.From))}: {string.Join("; ", alive)}."));
            }
        }
    }

    /// <summary>The moment when the processes ask for most.</summary>
    private static (double Vcpus, IReadOnlyList<ProcessLife> Alive) Most(RunHistory history, IEnumerable<ProcessLife> lives)
    {
        List<ProcessLife> alive = [];
        IReadOnlyList<ProcessLife> mostAlive = [];
        double most = 0;
        foreach (var life in lives.OrderBy(life => life.From))
        {
            _ = alive.RemoveAll(other => other.Until <= life.From);
            alive.Add(life);
            var vcpus = alive.Sum(each => history.SubmissionOf(each.JobId)?.Vcpus ?? 0);
            if (vcpus > most)
            {
                (most, mostAlive) = (vcpus, [.. alive]);
            }
        }

        return (most, mostAlive);
    }

    private static string? HostOf(RunHistory history, ProcessLife life) =>
        history.Rows.TryGetValue(life.JobId, out var row) && life.Attempt <= row.Attempts.Count ? row.Attempts[life.Attempt - 1].Host : null;
}
