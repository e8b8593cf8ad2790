using System.Collections.Immutable;
using OrleansBatch.Core.Scheduling;

namespace OrleansBatch.Core.Capacity.Unplaced;

/// <summary>Why a job waits.</summary>
/// <param name="Reason">For its queue. A shortage counts as <see cref="UnplacedReason.NoFreeCapacity"/>.</param>
/// <param name="StatusReason">The job's status reason while it blocks its queue; null when the queue is merely busy.</param>
/// <param name="Environments">Each environment, in the queue's order.</param>
public sealed record Explanation(UnplacedReason Reason, string? StatusReason, ImmutableArray<EnvironmentExplanation> Environments)
{
    /// <summary>For people, a line for each environment.</summary>
    public string Text => Environments.IsEmpty
        ? "The job queue has no compute environment."
        : string.Join('\n', Environments.Select(environment => environment.Line));
}

/// <summary>Why a job is not on this environment.</summary>
/// <param name="Name">The environment's name.</param>
/// <param name="Outlook">What the job may hope for there, were it VALID and ENABLED.</param>
/// <param name="Text">For people.</param>
/// <param name="WouldHelp">For people: changes of which each would help by itself. Empty when waiting helps.</param>
public sealed record EnvironmentExplanation(string Name, JobOutlook Outlook, string Text, ImmutableArray<string> WouldHelp)
{
    /// <summary>All of it.</summary>
    public string Line => $"{Name}: {Text}{(WouldHelp.IsEmpty ? "" : $"; would help: {string.Join(", or ", WouldHelp)}")}";

    /// <summary>Whether the environment can never take the job, even if nothing else ran there.</summary>
    public bool IsImpossible => Outlook is JobOutlook.MaximumTooLow or JobOutlook.TooLarge or JobOutlook.NotTaken;
}

/// <summary>What a job may hope for on an environment.</summary>
public enum JobOutlook
{
    /// <summary>It fits on a host.</summary>
    FitsNow = 0,

    /// <summary>It fits on a host that is being launched.</summary>
    HostIsComing,

    /// <summary>A host can be launched for it.</summary>
    HostCanBeLaunched,

    /// <summary>Other jobs use what it needs.</summary>
    Busy,

    /// <summary>No host for it is to be had.</summary>
    Shortage,

    /// <summary>There are no hosts at all, and none can be launched: UNMANAGED.</summary>
    NoHosts,

    /// <summary>It needs more vCPUs than maxvCpus allows. Impossible.</summary>
    MaximumTooLow,

    /// <summary>It needs more than any host there can have. Impossible.</summary>
    TooLarge,

    /// <summary>It has several nodes, and the environment takes no such jobs. Impossible.</summary>
    NotTaken,
}
