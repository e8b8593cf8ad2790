namespace OrleansBatch.Simulation;

/// <summary>Mistakes that can be built in, to see that a property notices them.</summary>
public enum PlantedBug
{
    /// <summary>Everything as it should be.</summary>
    None = 0,

    /// <summary>A supervisor starts a fence that it has started before.</summary>
    FenceNotChecked,

    /// <summary>An agent takes orders meant for an earlier incarnation.</summary>
    IncarnationNotChecked,

    /// <summary>A report counts for whichever attempt is live.</summary>
    ReportOfAnyFenceCounts,

    /// <summary>The store takes a STARTING of an older epoch.</summary>
    EpochNotChecked,

    /// <summary>An environment begins with an empty ledger.</summary>
    LedgerNotRebuilt,

    /// <summary>The store writes whatever version a row has.</summary>
    VersionNotChecked,

    /// <summary>The store starts a child whatever became of its parent.</summary>
    ParentVersionNotChecked,

    /// <summary>Owed looks are not durable.</summary>
    OwedLooksForgottenInACrash,

    /// <summary>Who has looked is taken off the list, also for what ended while it looked.</summary>
    LookTakesLaterEndsAlong,

    /// <summary>Who waits for one child is not told when it ends without ever having had a row.</summary>
    UnwrittenChildrenForgotten,

    /// <summary>A swept child is counted out twice.</summary>
    CountsMovedTwice,

    /// <summary>What ends an array does not reach its children that wait again.</summary>
    SweepForgetsRunnable,

    /// <summary>What ends an array does not reach its children that run.</summary>
    SweepForgetsRunning,

    /// <summary>A cancelled job is tried again.</summary>
    RetryAfterCancel,

    /// <summary>One attempt more than allowed.</summary>
    OneAttemptTooMany,

    /// <summary>A cancel is answered before it is stored.</summary>
    CancelAnsweredTooEarly,

    /// <summary>A terminated job that exits 0 has succeeded.</summary>
    TerminatedMaySucceed,

    /// <summary>A submission is answered before it is stored.</summary>
    SubmissionAnsweredTooEarly,

    /// <summary>The answer to a submission is not recorded.</summary>
    InvocationNotRecorded,

    /// <summary>What was given back before is given back again.</summary>
    ReleasedTwice,

    /// <summary>A placement counts as another environment's whose reservation has the same number.</summary>
    ReservationOfAnyEnvironment,

    /// <summary>Of two epochs that were taken at a time the one that is answered last counts.</summary>
    EpochGoesBack,

    /// <summary>An activation that another has left behind takes the next epoch and keeps its old ledger.</summary>
    EpochWithoutRows,

    /// <summary>A reservation that is freed can still be placed on.</summary>
    FreedMayStillBePlaced,

    /// <summary>An array that is to end with its queue makes the queue look again each time.</summary>
    DeletionSpins,

    /// <summary>A reservation without its launch is freed without a look at the row.</summary>
    SettleFreesWhatIsPlaced,

    /// <summary>A job that is tried again does not come back into the line.</summary>
    RequeueForgotten,

    /// <summary>The store takes a STARTING whatever is left of what it consumes.</summary>
    ClaimsNotChecked,

    /// <summary>What was used up is there again with the end of the attempt.</summary>
    CreditsComeBack,

    /// <summary>What an attempt held is given back twice.</summary>
    GivenBackTwice,

    /// <summary>The end of an attempt gives nothing back.</summary>
    NeverGivenBack,

    /// <summary>An attempt is launched though its STARTING was refused because there was too little of what it consumes.</summary>
    LaunchedThoughExhausted,

    /// <summary>Jobs stand in the line as they came.</summary>
    LineByArrival,

    /// <summary>An attempt is launched though its STARTING was refused.</summary>
    LaunchedThoughRefused,

    /// <summary>A STARTING that was never launched is left alone.</summary>
    NothingIsLaunchedAgain,

    /// <summary>A stop that was never sent is not sent again.</summary>
    NothingIsStoppedAgain,

    /// <summary>An agent tells an end only once.</summary>
    EndToldOnce,

    /// <summary>That an attempt was lost with its machine is told once, heard or not.</summary>
    LossToldOnce,

    /// <summary>An activation that another has left behind believes what it remembers.</summary>
    MemoryTrusted,

    /// <summary>A hello counts though its agent has been followed by another.</summary>
    LateHelloCounts,

    /// <summary>Reports of several attempts of a job are answered as of the last.</summary>
    AttemptsToldTogether,

    /// <summary>A job that ended before it came into the line holds up those behind it.</summary>
    GhostsBlock,

    /// <summary>What no row holds any more stays held when the message that should have freed it was lost.</summary>
    LostReleaseKept,

    /// <summary>The keeper does not look at arrays.</summary>
    FullArraysForgotten,

    /// <summary>A dependency is met by any end.</summary>
    MetByAnyEnd,

    /// <summary>An array ends with the first of its children that fails.</summary>
    ArrayEndsEarly,

    /// <summary>A queue that activates does not read its rows.</summary>
    LineNotRead,

    /// <summary>A deletion that was cut off is not taken up again.</summary>
    DeletionForgotten,
}
