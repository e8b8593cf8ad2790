using OrleansBatch.Core.Capacity.Cost;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Stores;

/// <summary>
/// The modelled hosts of compute environments: a host is in here before it takes a job, and ended in here before it is gone. One on Fargate comes in here as it
/// ends, with <see cref="JobWrite.EndedHost"/>.
/// </summary>
public interface IHostStore
{
    /// <summary>An environment's hosts that have not ended, in the order of their launch.</summary>
    Task<IReadOnlyList<HostRow>> ReadLiveAsync(ScopedName environment, CancellationToken cancellationToken);

    /// <summary>The environments that have hosts which have not ended.</summary>
    Task<IReadOnlyList<ScopedName>> ReadEnvironmentsAsync(CancellationToken cancellationToken);

    /// <summary>Writes hosts, new ones or known ones, all or none.</summary>
    /// <param name="hosts">Each id once.</param>
    /// <param name="guard">The epoch of whoever writes.</param>
    /// <param name="cancellationToken">The caller's.</param>
    /// <returns>False: a newer epoch has been taken, nothing was written.</returns>
    /// <exception cref="JobStoreException">The store could not write, or could not tell.</exception>
    Task<bool> WriteAsync(IReadOnlyList<HostRow> hosts, EpochGuard guard, CancellationToken cancellationToken);

    /// <summary>An environment's hosts that have ended: the newest launch first.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="after">The last host of the page before: when it was launched, in epoch milliseconds, and its id; null for the first page.</param>
    /// <param name="limit">Hosts at most.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<IReadOnlyList<HostRow>> ListEndedAsync(ScopedName environment, (long LaunchedAt, string HostId)? after, int limit, CancellationToken cancellationToken);

    /// <summary>What an environment's hosts that have ended have cost together, in USD.</summary>
    Task<decimal> ReadEndedCostAsync(ScopedName environment, CancellationToken cancellationToken);

    /// <summary>A host by its id, whether it has ended or not; null when there is no such one.</summary>
    Task<HostRow?> ReadAsync(string hostId, CancellationToken cancellationToken);
}

/// <summary>A modelled host, as it is stored.</summary>
public sealed record HostRow
{
    /// <summary>Unique over all time, in the form <c>i-0123456789abcdef0</c>.</summary>
    public required string HostId { get; init; }

    /// <summary>Whose it is: the key of a compute environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Its instance type as it was at the launch, whatever the catalogue says later.</summary>
    public required InstanceType Type { get; init; }

    /// <summary>How it is paid for.</summary>
    public PurchaseOption Purchase { get; init; }

    /// <summary>Where it is in its life, or was in at its end.</summary>
    public HostState State { get; init; }

    /// <summary>When its launch was asked for: it costs from then on.</summary>
    public required DateTimeOffset LaunchedAt { get; init; }

    /// <summary>When it takes jobs.</summary>
    public required DateTimeOffset ReadyAt { get; init; }

    /// <summary>Since when it was without jobs when this was written; null while it had any.</summary>
    public DateTimeOffset? IdleSince { get; init; }

    /// <summary>Whether it had had a job when this was written.</summary>
    public bool WasUsed { get; init; }

    /// <summary>When it goes, or its jobs are stopped; only of one that is taken back or replaced.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>When it went; null while it is there.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it was launched, for people.</summary>
    public required string LaunchReason { get; init; }

    /// <summary>Why it is going or went, for people; null before.</summary>
    public string? EndReason { get; init; }

    /// <summary>What jobs could get of it; null: what its type says.</summary>
    public ResourceNeeds? Size { get; init; }

    /// <summary>The agent's node that backs it; null: of an earlier program, the one with that incarnation.</summary>
    public string? NodeId { get; init; }

    /// <summary>The incarnation of the agent that it was launched on: it ends with it.</summary>
    public required string Incarnation { get; init; }

    /// <summary>What it has cost in all, in USD; null while it is there.</summary>
    public decimal? CostUsd => EndedAt is { } ended ? CostRules.OfHost(ToHost(), ended) : null;

    /// <summary>Which of its environment's configurations it was launched with: those of an older one are replaced.</summary>
    public int Generation { get; init; }

    /// <summary>As our part of the API shows one without its load.</summary>
    public HostDetail Describe(DateTimeOffset now) => HostDescriptions.Describe(ToHost(), isReal: false, LaunchReason, EndReason, EndedAt, now);

    /// <summary>A host on Fargate, whose attempt is over.</summary>
    /// <param name="host">The host.</param>
    /// <param name="environment">Whose it was.</param>
    /// <param name="jobId">The job whose attempt it had.</param>
    /// <param name="node">The agent that ran it.</param>
    /// <param name="endedAt">When it went.</param>
    public static HostRow EndedOnFargate(Host host, ScopedName environment, string jobId, NodeReference node, DateTimeOffset endedAt) => new()
    {
        HostId = host.Id,
        Environment = environment.Key,
        Type = host.Type,
        Purchase = host.Purchase,
        State = host.State,
        LaunchedAt = host.LaunchedAt,
        ReadyAt = host.ReadyAt,
        WasUsed = true,
        EndedAt = endedAt,
        LaunchReason = Reasons.OfFargate(jobId),
        EndReason = Reasons.OfFargateEnd(jobId),
        NodeId = node.NodeId,
        Incarnation = node.Incarnation,
        Size = host.Capacity,
    };

    /// <summary>The host.</summary>
    public Host ToHost() => new()
    {
        Id = HostId,
        Type = Type,
        Purchase = Purchase,
        Capacity = Size ?? Type.Capacity,
        State = State,
        LaunchedAt = LaunchedAt,
        ReadyAt = ReadyAt,
        IdleSince = IdleSince,
        WasUsed = WasUsed,
        EndsAt = EndsAt,
        NodeId = NodeId,
    };
}
