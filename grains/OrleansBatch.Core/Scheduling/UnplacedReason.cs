using OrleansBatch.Core.Jobs;

namespace OrleansBatch.Core.Scheduling;

/// <summary>Why a job was not placed.</summary>
public enum UnplacedReason
{
    /// <summary>Other jobs use the capacity: the queue is merely busy.</summary>
    NoFreeCapacity = 0,

    /// <summary>It needs more vCPUs than any environment may ever have.</summary>
    ExceedsMaximumVcpus,

    /// <summary>It needs more vCPUs, memory or GPUs than any environment can ever give.</summary>
    ExceedsResources,

    /// <summary>Every environment is INVALID.</summary>
    EnvironmentsInvalid,

    /// <summary>Every environment is DISABLED.</summary>
    EnvironmentsDisabled,

    /// <summary>What is free is kept for shares that are not active yet.</summary>
    KeptForOtherShares,

    /// <summary>Other jobs have what it needs of a consumable resource, or it is used up.</summary>
    ConsumablesInUse,

    /// <summary>Those environments that could ever take it are INVALID or DISABLED, or there is none at all.</summary>
    NoUsableEnvironment,

    /// <summary>Every environment that could take it needs a host for it, and none is to be had.</summary>
    HostsNotToBeHad,
}

/// <summary>What <see cref="UnplacedReason"/> means to the job's owner.</summary>
public static class UnplacedReasons
{
    /// <summary>The job's status reason while it is stuck; null when its queue is merely busy.</summary>
    public static string? StatusReason(this UnplacedReason reason) => reason switch
    {
        UnplacedReason.NoFreeCapacity or UnplacedReason.KeptForOtherShares or UnplacedReason.ConsumablesInUse or UnplacedReason.HostsNotToBeHad => null,
        UnplacedReason.ExceedsMaximumVcpus => StatusReasons.ExceedsMaximumVcpus,
        UnplacedReason.ExceedsResources => StatusReasons.ExceedsResources,
        UnplacedReason.EnvironmentsInvalid => StatusReasons.EnvironmentsInvalid,
        UnplacedReason.EnvironmentsDisabled or UnplacedReason.NoUsableEnvironment => StatusReasons.Undetermined,
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "No such reason."),
    };
}
