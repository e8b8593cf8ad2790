using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Checker.Invariants;

/// <summary>A fault that struck nobody proves nothing.</summary>
public sealed class FaultsStrike : Invariant
{
    /// <inheritdoc/>
    public override string Statement => "Every fault strikes.";

    /// <inheritdoc/>
    protected override IEnumerable<(string, string)> Find(RunHistory history) =>
        history.Of<FaultInjected>().Where(fault => !fault.Struck).Select(fault => (fault.Kind, $"it was to strike {fault.Target} at {Clock.Of(fault.At)}, and did not: {fault.Evidence}"));
}
