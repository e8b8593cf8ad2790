using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Unplaced;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>Hosts and outlooks as our part of the API shows them.</summary>
public static class HostDescriptions
{
    /// <summary>The name of a state on the wire.</summary>
    public static string NameOf(HostState state) => state switch
    {
        HostState.Launching => "LAUNCHING",
        HostState.Active => "ACTIVE",
        HostState.Draining => "DRAINING",
        HostState.Interrupted => "INTERRUPTED",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "There is no such state."),
    };

    /// <summary>A host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="isReal">Whether it is a machine, which was not launched here.</param>
    /// <param name="launchReason">Why it was launched.</param>
    /// <param name="endReason">Why it is going or went.</param>
    /// <param name="endedAt">When it went; null while it is there.</param>
    /// <param name="now">The time.</param>
    public static HostDetail Describe(Host host, bool isReal, string? launchReason, string? endReason, DateTimeOffset? endedAt, DateTimeOffset now)
    {
        var hasGpus = host.Capacity.Gpus > 0;
        return new()
        {
            HostId = host.Id,
            InstanceType = host.Type.Name,
            PurchaseOption = host.Purchase == PurchaseOption.Spot ? "SPOT" : "ON_DEMAND",
            State = endedAt is null ? NameOf(host.State) : "ENDED",
            Vcpus = host.Capacity.VcpuMillis / 1000m,
            MemoryMiB = host.Capacity.MemoryMiB,
            Gpus = hasGpus ? host.Capacity.Gpus : null,
            UsedVcpus = host.Used.VcpuMillis / 1000m,
            UsedMemoryMiB = host.Used.MemoryMiB,
            UsedGpus = hasGpus ? host.Used.Gpus : null,
            Jobs = host.Reservations,
            LaunchedAt = isReal ? null : host.LaunchedAt.ToUnixTimeMilliseconds(),
            ReadyAt = isReal ? null : host.ReadyAt.ToUnixTimeMilliseconds(),
            IdleSince = endedAt is null ? host.IdleSince?.ToUnixTimeMilliseconds() : null,
            EndsAt = endedAt is null ? host.EndsAt?.ToUnixTimeMilliseconds() : null,
            EndedAt = endedAt?.ToUnixTimeMilliseconds(),
            LaunchReason = launchReason,
            EndReason = endReason,
            UsdPerHour = host.Type.PriceOf(host.Purchase),
            CostUsd = CostRules.OfHost(host, endedAt ?? now),
            NodeId = host.NodeId,
        };
    }

    /// <summary>What a job may hope for on an environment.</summary>
    public static EnvironmentOutlookDetail Describe(EnvironmentExplanation explanation) => new()
    {
        ComputeEnvironment = explanation.Name,
        Outlook = explanation.Outlook switch
        {
            JobOutlook.FitsNow => "FITS_NOW",
            JobOutlook.HostIsComing => "HOST_IS_COMING",
            JobOutlook.HostCanBeLaunched => "HOST_CAN_BE_LAUNCHED",
            JobOutlook.Busy => "BUSY",
            JobOutlook.Shortage => "SHORTAGE",
            JobOutlook.NoHosts => "NO_HOSTS",
            JobOutlook.MaximumTooLow => "MAXIMUM_TOO_LOW",
            JobOutlook.NotTaken => "NOT_TAKEN",
            _ => "TOO_LARGE",
        },
        Reason = explanation.Text,
        WouldHelp = explanation.WouldHelp,
    };
}
