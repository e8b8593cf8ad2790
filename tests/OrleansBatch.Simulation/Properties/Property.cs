namespace OrleansBatch.Simulation.Properties;

/// <summary>What must hold in every sequence. Each has a test of its own.</summary>
public enum Property
{
    OnlyLegalMoves,
    FinishedIsFinal,
    OneLiveProcess,
    StoredBeforeItStarts,
    NoMoreStartsThanAttempts,
    NoStartAfterAcknowledgedEnd,
    TerminatedFails,
    StoppedIsStopped,
    LossesAreTold,
    CapacityHolds,
    ConsumablesHold,
    ConsumablesAreExact,
    ConsumablesComeBack,
    LedgerIsExact,
    NeverEarly,
    FailsOnlyForAFailedDependency,
    NothingIsStuck,
    ComesToRest,
    CountsAreExact,
    ParentEndsLast,
    ParentSaysWhy,
    FirstInFirstOut,
    AcknowledgedIsKept,
}
