using System.Text.Json.Serialization;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>One line of the journal. Members are added, never changed: a later version reads what an earlier one wrote.</summary>
internal sealed record JournalRecord
{
    /// <summary>One of <see cref="JournalKind"/>; unknown kinds are passed over.</summary>
    [JsonPropertyName("k")]
    public required string Kind { get; init; }

    [JsonPropertyName("j")]
    public string? Job { get; init; }

    [JsonPropertyName("f")]
    public long Fence { get; init; }

    [JsonPropertyName("r")]
    public string? Reservation { get; init; }

    [JsonPropertyName("e")]
    public string? Environment { get; init; }

    /// <summary>The log's path, to close its index if the supervisor dies.</summary>
    [JsonPropertyName("l")]
    public string? Log { get; init; }

    [JsonPropertyName("p")]
    public int Pid { get; init; }

    /// <summary>Clock ticks from boot to the earliest start of the process.</summary>
    [JsonPropertyName("t")]
    public long StartTicks { get; init; }

    /// <summary>Clock ticks from boot to the latest start of the process.</summary>
    [JsonPropertyName("u")]
    public long StartTicksUntil { get; init; }

    /// <summary>Milliseconds since 1970 of a start.</summary>
    [JsonPropertyName("a")]
    public long? StartedAt { get; init; }

    /// <summary>Milliseconds since 1970 of an end.</summary>
    [JsonPropertyName("z")]
    public long? StoppedAt { get; init; }

    [JsonPropertyName("o")]
    public AttemptEnd? End { get; init; }

    [JsonPropertyName("c")]
    public int? ExitCode { get; init; }

    [JsonPropertyName("x")]
    public string? Reason { get; init; }

    /// <summary>Bytes of memory at most.</summary>
    [JsonPropertyName("m")]
    public long? PeakMemory { get; init; }

    /// <summary>Microseconds of processor time.</summary>
    [JsonPropertyName("s")]
    public long? CpuTime { get; init; }

    /// <summary>Why its limits are not enforced.</summary>
    [JsonPropertyName("n")]
    public string? Unlimited { get; init; }

    /// <summary>Head: the journal's id. Boot: the boot id.</summary>
    [JsonPropertyName("i")]
    public string? Id { get; init; }

    /// <summary>The containers of an attempt that has several.</summary>
    [JsonPropertyName("g")]
    public JournalContainer[]? Containers { get; init; }

    /// <summary>Which of them a line is about.</summary>
    [JsonPropertyName("b")]
    public int? Container { get; init; }
}

/// <summary>One container in the line of its attempt.</summary>
internal sealed record JournalContainer
{
    [JsonPropertyName("n")]
    public required string Name { get; init; }

    [JsonPropertyName("v")]
    public bool IsEssential { get; init; }

    /// <summary>The log's path.</summary>
    [JsonPropertyName("l")]
    public string? Log { get; init; }
}

/// <summary>What a line of the journal says.</summary>
internal static class JournalKind
{
    /// <summary>First line: which journal it is.</summary>
    public const string Head = "head";

    /// <summary>A supervisor begins, in this boot.</summary>
    public const string Boot = "boot";

    /// <summary>An order is taken; written before the process is started.</summary>
    public const string Accepted = "accepted";

    /// <summary>Its process is up.</summary>
    public const string Started = "started";

    /// <summary>It is over, also if it never began.</summary>
    public const string Ended = "ended";

    /// <summary>A container's process is up.</summary>
    public const string ContainerStarted = "container-started";

    /// <summary>A container is over, also if it never began.</summary>
    public const string ContainerEnded = "container-ended";

    /// <summary>The lease has lapsed: this journal ends, and its successor has another id.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>Its end is known for good elsewhere; what stays is its fence.</summary>
    public const string Settled = "settled";
}

/// <summary>Lines of the journal as JSON.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalRecord))]
internal sealed partial class JournalJson : JsonSerializerContext;
