using System.Text.Json.Serialization;

namespace OrleansBatch.Chaos.Checker.History;

/// <summary>One line of a history: something that happened, and when.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "entry")]
[JsonDerivedType(typeof(RunBegan), "run")]
[JsonDerivedType(typeof(CapacityDeclared), "capacity")]
[JsonDerivedType(typeof(SubmissionPlanned), "planned")]
[JsonDerivedType(typeof(CallMade), "call")]
[JsonDerivedType(typeof(CallAnswered), "answer")]
[JsonDerivedType(typeof(JobSeen), "seen")]
[JsonDerivedType(typeof(FaultInjected), "fault")]
[JsonDerivedType(typeof(ProcessStarted), "start")]
[JsonDerivedType(typeof(ProcessEnded), "end")]
[JsonDerivedType(typeof(ProcessGone), "gone")]
[JsonDerivedType(typeof(ProcessSignalled), "signal")]
[JsonDerivedType(typeof(JobRow), "row")]
[JsonDerivedType(typeof(JobEvent), "event")]
[JsonDerivedType(typeof(JobListed), "listed")]
[JsonDerivedType(typeof(QuietReached), "quiet")]
[JsonDerivedType(typeof(UnreadableLine), "unreadable")]
public abstract record Entry
{
    /// <summary>Nanoseconds of the machine's boot clock: one clock for the harness, the jobs and all nodes.</summary>
    public required long At { get; init; }
}

/// <summary>The run began.</summary>
public sealed record RunBegan : Entry
{
    /// <summary>What the schedule of faults and the load were made from.</summary>
    public required int Seed { get; init; }

    /// <summary>Milliseconds since 1970 at boot: what turns a time of the boot clock into one of the wall.</summary>
    public required double BootedAt { get; init; }

    /// <summary>The command that repeats it.</summary>
    public string Command { get; init; } = "";
}
