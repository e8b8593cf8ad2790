using OrleansBatch.Chaos.Checker.History;
using OrleansBatch.Chaos.Members;

namespace OrleansBatch.Chaos.Load;

/// <summary>A submission of the load, with what is done to its job later.</summary>
internal sealed record Work
{
    /// <summary>From SIGTERM to SIGKILL when a job is terminated.</summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    /// <summary>When it is submitted, from the begin of the load.</summary>
    public required TimeSpan After { get; init; }

    /// <summary>Its name.</summary>
    public required string Key { get; init; }

    /// <summary>How long each of its processes takes.</summary>
    public required double Seconds { get; init; }

    /// <summary>Attempts.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>vCPUs.</summary>
    public int Vcpus { get; init; } = 1;

    /// <summary>Children; null: no array.</summary>
    public int? Size { get; init; }

    /// <summary>Nodes; null: no multi-node job.</summary>
    public int? Nodes { get; init; }

    /// <summary>Environment, and queue.</summary>
    public string Environment => Nodes is null ? Topology.Environment : Topology.NodesEnvironment;

    /// <summary>Exit codes by attempt.</summary>
    public IReadOnlyList<int> Exits { get; init; } = [0];

    /// <summary>Exit code after SIGTERM; null: it ignores it.</summary>
    public int? ExitOnTerm { get; init; } = 143;

    /// <summary>Whom it waits for: works before it.</summary>
    public IReadOnlyList<PlannedDependency> DependsOn { get; init; } = [];

    /// <summary>CancelJob or TerminateJob; null: it is let be.</summary>
    public string? Stop { get; init; }

    /// <summary>When that is asked, from the answer to its submission.</summary>
    public TimeSpan StopAfter { get; init; }

    /// <summary>How many processes surely start: none of what may be stopped before, or may not have to wait in vain.</summary>
    public int SureStarts => Stop is null && DependsOn.All(dependency => dependency.Key is null) ? Size ?? 1 : 0;
}
