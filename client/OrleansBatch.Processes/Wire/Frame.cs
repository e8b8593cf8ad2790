namespace OrleansBatch.Processes.Wire;

/// <summary>One message between agent and supervisor.</summary>
/// <remarks>
/// The two may be of different versions, for a supervisor outlives its agent. So: members are added, never changed;
/// unknown members and unknown kinds are passed over; whatever a receiver cannot do without is in the first version.
/// </remarks>
public sealed record Frame
{
    /// <summary>This version of the wire, said in <see cref="FrameKind.Hello"/>.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The first version whose supervisor keeps to a lease.</summary>
    public const int LeaseVersion = 2;

    /// <summary>One of <see cref="FrameKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Hello: the sender's version.</summary>
    public int? Version { get; init; }

    /// <summary>Hello of the supervisor: id of its journal. Launch, lease, lapse: of the journal that is meant.</summary>
    public string? Journal { get; init; }

    /// <summary>Hello of the supervisor: its process id.</summary>
    public int? Pid { get; init; }

    /// <summary>Hello of the supervisor: the directory that its program lies in.</summary>
    public string? Program { get; init; }

    /// <summary>Hello of the supervisor: by what attempts are limited, such as <c>cgroup v1</c>; null when they are not.</summary>
    public string? LimitedBy { get; init; }

    /// <summary>Hello of the supervisor: why limits cannot be enforced; null when they can.</summary>
    public string? Unlimited { get; init; }

    /// <summary>Orders: grows by one per frame of a connection. Confirmed: the last that is journalled.</summary>
    public long? Sequence { get; init; }

    /// <summary>Launch: what to start.</summary>
    public AttemptStart[]? Starts { get; init; }

    /// <summary>Stop, settle: which.</summary>
    public AttemptKey[]? Attempts { get; init; }

    /// <summary>Hello of the supervisor: every attempt that is not settled. Facts: what is new.</summary>
    public AttemptFact[]? Facts { get; init; }

    /// <summary>Lease, launch: when it lapses, in milliseconds since boot of the clock that runs through suspension. A moment and no time, so that no delay on the way prolongs it.</summary>
    public long? LeaseUntil { get; init; }

    /// <summary>Lease, launch: milliseconds from its lapse to SIGKILL, whatever stop timeouts the attempts have.</summary>
    public long? StopWithin { get; init; }

    /// <summary>Lease, launch: whether it is the first, which a supervisor that has one already passes over.</summary>
    public bool? IsFirst { get; init; }

    /// <summary>Hello of the supervisor: whether its lease has lapsed. It stops what it has, then goes; the next one begins a new journal.</summary>
    public bool? IsLapsed { get; init; }
}

/// <summary>What a frame is for.</summary>
public static class FrameKind
{
    /// <summary>First frame of both sides.</summary>
    public const string Hello = "hello";

    /// <summary>Agent: start these.</summary>
    public const string Launch = "launch";

    /// <summary>Agent: stop these.</summary>
    public const string Stop = "stop";

    /// <summary>Agent: the ends of these are known for good and can be forgotten.</summary>
    public const string Settle = "settle";

    /// <summary>Agent: make room for another version, unless an attempt waits, starts or runs.</summary>
    public const string Leave = "leave";

    /// <summary>Agent: attempts may run until then. Before the first the supervisor needs no lease.</summary>
    public const string Lease = "lease";

    /// <summary>Agent: the node is lost, so the lease ends now.</summary>
    public const string Lapse = "lapse";

    /// <summary>Supervisor: the lease has lapsed; see <see cref="Frame.IsLapsed"/>.</summary>
    public const string Lapsed = "lapsed";

    /// <summary>Supervisor: orders up to this sequence number are journalled.</summary>
    public const string Confirmed = "confirmed";

    /// <summary>Supervisor: this is new.</summary>
    public const string Facts = "facts";

    /// <summary>Supervisor: a newer agent has come, this one is no longer heard.</summary>
    public const string Replaced = "replaced";
}
