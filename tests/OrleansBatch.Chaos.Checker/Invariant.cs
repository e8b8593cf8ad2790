namespace OrleansBatch.Chaos.Checker;

/// <summary>Something that must hold in every history.</summary>
public abstract class Invariant
{
    /// <summary>What must hold, as a sentence.</summary>
    public abstract string Statement { get; }

    /// <summary>Where it does not hold.</summary>
    public IEnumerable<Violation> Check(RunHistory history) => Find(history).Select(found => new Violation(Statement, found.Subject, found.Because));

    /// <summary>Whose history breaks it, and how.</summary>
    protected abstract IEnumerable<(string Subject, string Because)> Find(RunHistory history);
}

/// <summary>A place in a history where something does not hold that must.</summary>
/// <param name="Statement">What must hold.</param>
/// <param name="Subject">Whose history breaks it: mostly a job's id.</param>
/// <param name="Because">How.</param>
public sealed record Violation(string Statement, string Subject, string Because)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Statement}\n  {Subject}: {Because}";
}
