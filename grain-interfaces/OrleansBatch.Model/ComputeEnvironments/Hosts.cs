namespace OrleansBatch.Model.ComputeEnvironments;

/// <summary>Equal hosts.</summary>
/// <param name="Free">What is free on each of them.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="IdleType">The name of their instance type when nothing is on them, so that each may become a node's; null when something is.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.HostGroup")]
public readonly record struct HostGroup([property: Id(0)] ResourceNeeds Free, [property: Id(1)] int Count, [property: Id(2)] string? IdleType = null);

/// <summary>The hosts of a multi-node parallel job: all of one instance type, each with one node and nothing else on it, all of them or none.</summary>
/// <param name="PerNode">What a host must have: of each kind the most that any node needs.</param>
/// <param name="Nodes">How many hosts, at least 1.</param>
/// <param name="InstanceType">The name of the type that it must be; null: any that is large enough.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.GangNeeds")]
public readonly record struct GangNeeds([property: Id(0)] ResourceNeeds PerNode, [property: Id(1)] int Nodes, [property: Id(2)] string? InstanceType = null);

/// <summary>What an environment can do for a multi-node parallel job.</summary>
public enum GangOutlook
{
    /// <summary>It could have all its hosts at once.</summary>
    Possible = 0,

    /// <summary>It takes none: it is not a managed environment of EC2 on demand.</summary>
    NotTaken,

    /// <summary>None of its instance types is large enough, or the one that is asked for is not among them.</summary>
    NoTypeLargeEnough,

    /// <summary>So many hosts would have more vCPUs than its maximum.</summary>
    MaximumTooLow,
}

/// <summary>Jobs of a queue that wait and have equal needs.</summary>
/// <param name="Needs">Of each of them.</param>
/// <param name="Count">How many, at least 1.</param>
/// <param name="Gang">Of multi-node parallel jobs: the hosts of each, which count instead of <paramref name="Needs"/>; null of other jobs.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.WaitingGroup")]
public readonly record struct WaitingGroup([property: Id(0)] ResourceNeeds Needs, [property: Id(1)] int Count, [property: Id(2)] GangNeeds? Gang = null);

/// <summary>Jobs that wait for a type of host of which none is to be had.</summary>
/// <param name="Needs">Of each of them.</param>
/// <param name="InstanceType">The type's name.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.HostShortage")]
public readonly record struct HostShortage([property: Id(0)] ResourceNeeds Needs, [property: Id(1)] string InstanceType);

/// <summary>A largest host: nothing that it holds fits on a smaller one only.</summary>
/// <param name="Capacity">What one job can get of it.</param>
/// <param name="IsWithinMaximum">Whether the environment's maxvCpus allows it.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LargestHost")]
public readonly record struct LargestHost([property: Id(0)] ResourceNeeds Capacity, [property: Id(1)] bool IsWithinMaximum);
