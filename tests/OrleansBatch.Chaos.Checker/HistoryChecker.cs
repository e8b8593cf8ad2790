using OrleansBatch.Chaos.Checker.Invariants;

namespace OrleansBatch.Chaos.Checker;

/// <summary>Judges a history: a pure function of it.</summary>
public static class HistoryChecker
{
    /// <summary>All that must hold.</summary>
    public static IReadOnlyList<Invariant> Invariants { get; } =
    [
        new AcknowledgedIsKept(),
        new SubmittedOnce(),
        new OneProcessAtATime(),
        new StartsWithinAttempts(),
        new NoStartAfterStop(),
        new TerminateIsFinal(),
        new FinishedIsFinal(),
        new ExitCodesAreTrue(),
        new RetriesAreMade(),
        new MovesAreLegal(),
        new EventsFoldToTheRow(),
        new DependentsAreNeverEarly(),
        new ArraysAddUp(),
        new NeverOversubscribed(),
        new NothingIsLeft(),
        new FaultsStrike(),
    ];

    /// <summary>All violations.</summary>
    public static IReadOnlyList<Violation> Check(RunHistory history) => [.. Invariants.SelectMany(invariant => invariant.Check(history))];
}
