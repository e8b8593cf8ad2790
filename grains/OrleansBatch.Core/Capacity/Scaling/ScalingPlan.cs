using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>Which hosts come and go.</summary>
/// <param name="Ends">Hosts that go, before others come.</param>
/// <param name="Launches">Hosts that come.</param>
/// <param name="DesiredVcpus">desiredvCpus from now on.</param>
/// <param name="AskedVcpus">What of the vCPUs asked for by hand is to be given to the next plan; 0 when they are reached.</param>
/// <param name="Unmet">What waits and gets no host, in order.</param>
/// <param name="LookAgainAt">When to plan again, if nothing changed before; null: not by itself.</param>
public sealed record ScalingPlan(
    ImmutableArray<PlannedEnd> Ends,
    ImmutableArray<PlannedLaunch> Launches,
    int DesiredVcpus,
    int AskedVcpus,
    ImmutableArray<UnmetDemand> Unmet,
    DateTimeOffset? LookAgainAt);

/// <summary>A host that goes.</summary>
/// <param name="HostId">Which.</param>
/// <param name="Reason">For people.</param>
public sealed record PlannedEnd(string HostId, string Reason);

/// <summary>Hosts that come.</summary>
/// <param name="Type">Their type.</param>
/// <param name="Count">How many.</param>
/// <param name="Reason">For people: why this type, and for what.</param>
public sealed record PlannedLaunch(InstanceType Type, int Count, string Reason);

/// <summary>Jobs that wait and get no host.</summary>
/// <param name="Index">Where they stand in the snapshot's order.</param>
/// <param name="Needs">Of each.</param>
/// <param name="Count">How many of them.</param>
/// <param name="Reason">Why.</param>
/// <param name="InstanceType">The name of the type that is not to be had; null with other reasons.</param>
/// <param name="Gang">Of multi-node parallel jobs: the hosts of each; null of other jobs.</param>
public sealed record UnmetDemand(int Index, ResourceNeeds Needs, int Count, UnmetReason Reason, string? InstanceType, GangNeeds? Gang = null)
{
    /// <summary>What a host must have for one of them, or for one node of it.</summary>
    public ResourceNeeds PerHost => Gang?.PerNode ?? Needs;
}
