using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Simulation;

/// <summary>The world's two consumable resources.</summary>
internal static class Consumables
{
    /// <summary>Comes back with the end of an attempt.</summary>
    public const string Token = "token";

    /// <summary>Is used up.</summary>
    public const string Credit = "credit";

    public static IReadOnlyList<string> All { get; } = [Token, Credit];

    /// <summary>How much there is of a resource in all.</summary>
    public static long Total(Setup setup, string resource) => resource == Token ? setup.Tokens : setup.Credits;

    /// <summary>What an attempt claims.</summary>
    public static ImmutableArray<ConsumableClaim> Claims(Setup setup, IReadOnlyList<ConsumableNeed>? needs) =>
        [.. (needs ?? []).Select(need => new ConsumableClaim(need.ResourceName, need.Quantity, Total(setup, need.ResourceName), IsReplenishable: need.ResourceName == Token))];

    public static IReadOnlyList<ConsumableNeed> Of(Command.Submit command) =>
    [
        .. command.Tokens > 0 ? [new ConsumableNeed { ResourceName = Token, Quantity = command.Tokens }] : Array.Empty<ConsumableNeed>(),
        .. command.Credits > 0 ? [new ConsumableNeed { ResourceName = Credit, Quantity = command.Credits }] : Array.Empty<ConsumableNeed>(),
    ];

    /// <summary>What a list of needs asks of one resource.</summary>
    public static long Of(IReadOnlyList<ConsumableNeed>? needs, string resource) =>
        needs?.Where(need => need.ResourceName == resource).Sum(need => need.Quantity) ?? 0;
}
