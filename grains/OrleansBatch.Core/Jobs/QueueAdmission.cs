using System.Collections.Immutable;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a queue says of itself to one who wants to submit to it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsEnabled">Whether it takes jobs.</param>
/// <param name="IsDeleting">Whether it is being deleted.</param>
/// <param name="Platforms">What its environments can run: <c>EC2</c>, <c>FARGATE</c>.</param>
public sealed record QueueAdmission(string Name, bool IsEnabled, bool IsDeleting, ImmutableArray<string> Platforms)
{
    /// <summary>Whether it has a scheduling policy, so that every job names its share.</summary>
    public bool IsFairShare { get; init; }
}
