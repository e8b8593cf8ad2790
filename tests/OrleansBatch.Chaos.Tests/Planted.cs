using OrleansBatch.Chaos.Checker;

namespace OrleansBatch.Chaos.Tests;

/// <summary>What tests expect of a history with one planted violation.</summary>
internal static class Planted
{
    /// <summary>The invariant finds it, names whose it is, and says how.</summary>
    public static void IsFoundBy<TInvariant>(AHistory history, string subject, string because)
        where TInvariant : Invariant, new()
    {
        var statement = new TInvariant().Statement;
        Assert.Contains(HistoryChecker.Invariants, invariant => invariant is TInvariant);
        var found = history.Violations().Where(violation => violation.Statement == statement).ToList();
        Assert.Contains(found, violation => violation.Subject == subject && violation.Because.Contains(because, StringComparison.Ordinal));
    }

    /// <summary>Nothing is found by any invariant.</summary>
    public static void IsNothing(AHistory history) => Assert.Empty(history.Violations());
}
