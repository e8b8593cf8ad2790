namespace OrleansBatch.Model.ComputeEnvironments;

/// <summary>Equal hosts.</summary>
/// <param name="Free">What is free on each of them.</param>
/// <param name="Count">How many, at least 1.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.HostGroup")]
public readonly record struct HostGroup([property: Id(0)] ResourceNeeds Free, [property: Id(1)] int Count);

/// <summary>Jobs of a queue that wait and have equal needs.</summary>
/// <param name="Needs">Of each of them.</param>
/// <param name="Count">How many, at least 1.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.WaitingGroup")]
public readonly record struct WaitingGroup([property: Id(0)] ResourceNeeds Needs, [property: Id(1)] int Count);

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
