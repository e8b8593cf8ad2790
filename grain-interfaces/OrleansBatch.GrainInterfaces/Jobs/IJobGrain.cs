using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.Jobs;

/// <summary>One job, from submission to its last attempt. Key: the job id.</summary>
/// <remarks>Every message is safe to repeat, and none waits for another grain.</remarks>
[Alias("OrleansBatch.IJobGrain")]
public interface IJobGrain : IGrainWithStringKey
{
    /// <summary>Begins an attempt on reserved capacity: STARTING is stored before this returns. The same reservation again gets the same order.</summary>
    [Alias("Place")]
    Task<PlaceAnswer> Place(PlaceOrder order, CancellationToken cancellationToken);

    /// <summary>
    /// Begins an attempt of all nodes of a multi-node job at once: STARTING is stored for all, or for none. The main node's order comes back; the others are
    /// launched when it runs. The same reservations again get the same order.
    /// </summary>
    [Alias("PlaceGang")]
    Task<PlaceAnswer> PlaceGang(GangPlaceOrder order, CancellationToken cancellationToken);

    /// <summary>Takes what became of an attempt, its own or one of its nodes'; when this returns it is stored.</summary>
    /// <param name="nodeId">Who reports: of a live attempt only the node on which it is placed.</param>
    /// <param name="reports">All of one attempt.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [Alias("Report")]
    Task<ReportAnswer> Report(string nodeId, ImmutableArray<AttemptReport> reports, CancellationToken cancellationToken);

    /// <summary>The order of the live attempt, its own or one of its nodes'; null when that attempt is not live, or is not to be launched yet.</summary>
    [Alias("Relaunch")]
    Task<LaunchOrder?> Relaunch(AttemptId attempt, CancellationToken cancellationToken);

    /// <summary>The host of the attempt is taken away: it is stopped, and then ends as one whose host was lost. Nothing when that attempt is not live.</summary>
    [Alias("ReclaimHost")]
    Task ReclaimHost(AttemptId attempt, CancellationToken cancellationToken);

    /// <summary>Ends the job if it has not started; clears its retry strategy. A job of another scope counts as unknown: nothing happens.</summary>
    [Alias("Cancel")]
    Task Cancel(Scope scope, string reason, CancellationToken cancellationToken);

    /// <summary>Ends the job for good. A job of another scope counts as unknown: nothing happens.</summary>
    [Alias("Terminate")]
    Task Terminate(Scope scope, string reason, CancellationToken cancellationToken);

    /// <summary>Ends the job because its queue is deleted. True when it is over: nothing of it runs any more.</summary>
    [Alias("EndWithQueue")]
    Task<bool> EndWithQueue(CancellationToken cancellationToken);

    /// <summary>Looks at the jobs that it waits for, because one of them has ended.</summary>
    [Alias("LookAtDependencies")]
    Task LookAtDependencies(CancellationToken cancellationToken);

    /// <summary>Looks at an array's counts, because its last child has ended.</summary>
    [Alias("LookAtChildren")]
    Task LookAtChildren(CancellationToken cancellationToken);

    /// <summary>Says why the job blocks its queue, and since when; null: it does not any more.</summary>
    [Alias("SetBlocked")]
    Task SetBlocked(string? statusReason, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Changes the job's tags, also when it has ended; false when the scope has no such job.</summary>
    [Alias("ChangeTags")]
    Task<bool> ChangeTags(Scope scope, TagChange change, CancellationToken cancellationToken);
}

/// <summary>Capacity reserved for a job.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.PlaceOrder")]
public sealed record PlaceOrder
{
    /// <summary>The environment that reserved it.</summary>
    [Id(0)] public required ScopedName Environment { get; init; }

    /// <summary>Its modelled ECS cluster.</summary>
    [Id(1)] public required string ClusterName { get; init; }

    /// <summary>The epoch of its activation: an older one than the newest is refused.</summary>
    [Id(3)] public required long Epoch { get; init; }

    /// <summary>The reservation.</summary>
    [Id(4)] public required string ReservationId { get; init; }

    /// <summary>The node that will run it.</summary>
    [Id(5)] public required string NodeId { get; init; }

    /// <summary>The agent's incarnation.</summary>
    [Id(6)] public required string Incarnation { get; init; }

    /// <summary>What the attempt takes of consumable resources: STARTING is refused when one of them is used up.</summary>
    [Id(7)] public ImmutableArray<ConsumableClaim> Claims { get; init; } = [];

    /// <summary>The modelled host; null when that is the node itself, and on Fargate.</summary>
    [Id(20)] public string? Host { get; init; }

    /// <summary>What the job's part of its host costs, in USD per hour; null: nothing.</summary>
    [Id(21)] public decimal? UsdPerHour { get; init; }

    /// <summary>The host that is there for this attempt; null elsewhere than on Fargate.</summary>
    [Id(22)] public FargateHost? Fargate { get; init; }

    /// <summary>Which of the machine's GPUs are the attempt's own, by index; null: none is named.</summary>
    [Id(23)] public IReadOnlyList<int>? Gpus { get; init; }
}

/// <summary>Hosts reserved for all nodes of a multi-node job.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.GangPlaceOrder")]
public sealed record GangPlaceOrder
{
    /// <summary>The environment that reserved them.</summary>
    [Id(0)] public required ScopedName Environment { get; init; }

    /// <summary>Its modelled ECS cluster.</summary>
    [Id(1)] public required string ClusterName { get; init; }

    /// <summary>The epoch of its activation: an older one than the newest is refused.</summary>
    [Id(2)] public required long Epoch { get; init; }

    /// <summary>One for each node, by index.</summary>
    [Id(3)] public required ImmutableArray<NodeReservation> Nodes { get; init; }

    /// <summary>What the attempt takes of consumable resources: STARTING is refused when one of them is used up.</summary>
    [Id(4)] public ImmutableArray<ConsumableClaim> Claims { get; init; } = [];
}

/// <summary>A host reserved for one node of a multi-node job.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.NodeReservation")]
public sealed record NodeReservation
{
    /// <summary>The reservation.</summary>
    [Id(0)] public required string ReservationId { get; init; }

    /// <summary>The modelled host.</summary>
    [Id(1)] public required string Host { get; init; }

    /// <summary>What the host costs, in USD per hour; null: nothing.</summary>
    [Id(2)] public decimal? UsdPerHour { get; init; }

    /// <summary>The agent's node that will run it.</summary>
    [Id(3)] public required string NodeId { get; init; }

    /// <summary>The agent's incarnation.</summary>
    [Id(4)] public required string Incarnation { get; init; }
}

/// <summary>What an attempt takes of one consumable resource.</summary>
/// <param name="Key">The resource, from its creation to its deletion.</param>
/// <param name="Quantity">How much.</param>
/// <param name="Limit">How much there was in all when it was looked at.</param>
/// <param name="IsReplenishable">Whether it is given back with the attempt's end.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableClaim")]
public sealed record ConsumableClaim(
    [property: Id(0)] string Key, [property: Id(1)] long Quantity, [property: Id(2)] long Limit, [property: Id(3)] bool IsReplenishable);

/// <summary>Whether the job took the place.</summary>
/// <param name="Order">What to launch; null when it was refused.</param>
/// <param name="IsStillRunnable">With a refusal: the job waits on, the reservation was of an older epoch.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.PlaceAnswer")]
public sealed record PlaceAnswer([property: Id(0)] LaunchOrder? Order, [property: Id(1)] bool IsStillRunnable = false);

/// <summary>What a report came to.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ReportAnswer")]
public sealed record ReportAnswer
{
    /// <summary>Whether the attempt is over: its capacity is free.</summary>
    [Id(0)] public required bool IsAttemptOver { get; init; }

    /// <summary>The job's queue; null when the job is unknown.</summary>
    [Id(1)] public ScopedName? Queue { get; init; }

    /// <summary>The entry to put back into the queue when the job is to be tried again.</summary>
    [Id(2)] public QueueEntry? Requeue { get; init; }

    /// <summary>What the attempt held, by the job's own row; null when the row holds nothing any more.</summary>
    [Id(3)] public HeldReservation? Held { get; init; }

    /// <summary>The job whose share, which its queue charges, holds capacity no more; null: none does, or it has no share.</summary>
    [Id(4)] public string? Uncharged { get; init; }

    /// <summary>Keys of the consumable resources that the job needs: what its attempt held of them was given back with its row.</summary>
    [Id(5)] public ImmutableArray<string> ConsumableResources { get; init; } = [];
}

/// <summary>A reservation by environment.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.HeldReservation")]
public sealed record HeldReservation([property: Id(0)] string EnvironmentKey, [property: Id(1)] string ReservationId);

/// <summary>A job in its queue's order, or an array whose children without rows wait there, as one.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.QueueEntry")]
public sealed record QueueEntry
{
    /// <summary>Its id.</summary>
    [Id(0)] public required string JobId { get; init; }

    /// <summary>The number that the store gave at insert; a child's is its parent's.</summary>
    [Id(1)] public required long Sequence { get; init; }

    /// <summary>Whether it has had an attempt: such jobs go first.</summary>
    [Id(2)] public required bool TriedBefore { get; init; }

    /// <summary>What it needs; an array: each child.</summary>
    [Id(3)] public required ResourceNeeds Needs { get; init; }

    /// <summary>Of an array's child: its index; otherwise -1.</summary>
    [Id(4)] public int Index { get; init; } = -1;

    /// <summary>Of an array: its size; otherwise 0.</summary>
    [Id(5)] public int ArraySize { get; init; }

    /// <summary>What each attempt takes of consumable resources; null: nothing.</summary>
    [Id(6)] public IReadOnlyList<ConsumableNeed>? Consumables { get; init; }

    /// <summary>Its share; null: its queue goes first in, first out.</summary>
    [Id(7)] public string? Share { get; init; }

    /// <summary>Inside its share: higher first.</summary>
    [Id(8)] public int Priority { get; init; }

    /// <summary>Of a multi-node job: its hosts, which count instead of <see cref="Needs"/> where capacity is looked for; null of other jobs.</summary>
    [Id(9)] public GangNeeds? Gang { get; init; }
}
