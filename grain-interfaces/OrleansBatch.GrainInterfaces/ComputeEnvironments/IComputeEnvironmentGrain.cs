using System.Collections.Immutable;
using Orleans.Concurrency;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.ComputeEnvironments;

/// <summary>One compute environment: its capacity and who holds it. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.IComputeEnvironmentGrain")]
public interface IComputeEnvironmentGrain : IGrainWithStringKey
{
    /// <summary>Its configuration and what is in use; null when it does not exist.</summary>
    [Alias("Read"), ReadOnly]
    Task<EnvironmentReading?> Read(CancellationToken cancellationToken);

    /// <summary>The operator's variables for its jobs; none when it does not exist.</summary>
    [Alias("JobEnvironment"), ReadOnly]
    Task<JobEnvironment> JobEnvironment(CancellationToken cancellationToken);

    /// <summary>Replaces the operator's variables for its jobs. Attempts that start from then on get them.</summary>
    [Alias("SetJobEnvironment")]
    Task SetJobEnvironment(JobEnvironment environment, CancellationToken cancellationToken);

    /// <summary>Creates the environment. The same invocation again gets the first answer, also when the environment has changed or gone since.</summary>
    [Alias("Create")]
    Task<ComputeEnvironmentResponse> Create(CreateComputeEnvironmentRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes the environment.</summary>
    [Alias("Update")]
    Task<ComputeEnvironmentConfiguration> Update(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes the environment. Those of its queues that were seen not to use it any more are named; any other refuses it.</summary>
    [Alias("Delete")]
    Task Delete(ImmutableArray<string> detachedQueues, CancellationToken cancellationToken);

    /// <summary>Notes that a queue uses it. Refused when it does not exist or is being deleted.</summary>
    [Alias("Attach")]
    Task Attach(string queueKey, CancellationToken cancellationToken);

    /// <summary>Notes that a queue does not use it any more.</summary>
    [Alias("Detach")]
    Task Detach(string queueKey, CancellationToken cancellationToken);

    /// <summary>What it has now, after it has launched hosts for what waits; the queue is woken when more comes free.</summary>
    /// <param name="queueKey">The queue.</param>
    /// <param name="priority">Its priority.</param>
    /// <param name="headSequence">The sequence of the job at its head; the greatest number: none.</param>
    /// <param name="waiting">What waits there for this environment, what the head needs first. It counts until the queue's next look.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [Alias("Look")]
    Task<EnvironmentLook> Look(string queueKey, int priority, long headSequence, ImmutableArray<WaitingGroup> waiting, CancellationToken cancellationToken);

    /// <summary>Reserves capacity for jobs of a queue, in their order, as far as it goes.</summary>
    /// <param name="asks">The jobs.</param>
    /// <param name="queueKey">The queue.</param>
    /// <param name="nextSequence">The sequence of the job that stands at its head then; the greatest number: none.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [Alias("Reserve")]
    Task<ReserveAnswer> Reserve(ImmutableArray<ReserveAsk> asks, string queueKey, long nextSequence, CancellationToken cancellationToken);

    /// <summary>Reserves a host for each node of a multi-node job; null when not all can be had now, and nothing is reserved.</summary>
    /// <param name="jobId">The job.</param>
    /// <param name="gang">Its hosts.</param>
    /// <param name="queueKey">Its queue.</param>
    /// <param name="nextSequence">As for <see cref="Reserve"/>.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [Alias("ReserveGang")]
    Task<GangPlaceOrder?> ReserveGang(string jobId, GangNeeds gang, string queueKey, long nextSequence, CancellationToken cancellationToken);

    /// <summary>Launches what was placed, and frees what was not.</summary>
    /// <param name="orders">What to launch now.</param>
    /// <param name="unused">Reservations that no job took.</param>
    /// <param name="later">Reservations of nodes that are launched by their job, when its main node runs.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [Alias("Launch")]
    Task Launch(ImmutableArray<LaunchOrder> orders, ImmutableArray<string> unused, ImmutableArray<string> later, CancellationToken cancellationToken);

    /// <summary>Frees what attempts held that are over. Safe to repeat.</summary>
    /// <param name="nodeId">Who says so: what is held on other nodes stays held.</param>
    /// <param name="reservationIds">What they held.</param>
    /// <param name="cancellationToken">The caller's.</param>
    [Alias("Release")]
    Task Release(string nodeId, ImmutableArray<string> reservationIds, CancellationToken cancellationToken);

    /// <summary>Settles reservations that were not launched in time, by their jobs' rows.</summary>
    [Alias("Settle")]
    Task Settle(CancellationToken cancellationToken);

    /// <summary>Nodes are as this says, in this order. Taken into memory and answered at once.</summary>
    [Alias("KnowNodes")]
    Task KnowNodes(ImmutableArray<NodeReading> nodes, CancellationToken cancellationToken);

    /// <summary>The hosts that it has now, with their load; empty when it does not exist.</summary>
    [Alias("Hosts"), ReadOnly]
    Task<ImmutableArray<HostDetail>> Hosts(CancellationToken cancellationToken);

    /// <summary>Takes a Spot host back: no jobs come from now on, and in two minutes what runs on it is stopped. Safe to repeat.</summary>
    [Alias("Interrupt")]
    Task<HostDetail> Interrupt(string hostId, CancellationToken cancellationToken);

    /// <summary>What a job with these needs, or a multi-node job with these hosts, may hope for here; null when it does not exist.</summary>
    [Alias("Explain"), ReadOnly]
    Task<EnvironmentOutlookDetail?> Explain(ResourceNeeds needs, GangNeeds? gang, CancellationToken cancellationToken);

    /// <summary>Changes the environment's tags; false when it does not exist.</summary>
    [Alias("ChangeTags")]
    Task<bool> ChangeTags(TagChange change, CancellationToken cancellationToken);
}

/// <summary>An environment's configuration and what is in use.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EnvironmentReading")]
public sealed record EnvironmentReading
{
    /// <summary>As stored.</summary>
    [Id(0)] public required ComputeEnvironmentConfiguration Configuration { get; init; }

    /// <summary>What reservations hold now.</summary>
    [Id(1)] public required ResourceNeeds InUse { get; init; }

    /// <summary>Keys of the queues that use it.</summary>
    [Id(2)] public required ImmutableArray<string> Queues { get; init; }

    /// <summary>vCPUs that it has, or is getting.</summary>
    [Id(3)] public required int DesiredvCpus { get; init; }

    /// <summary>How many hosts it has.</summary>
    [Id(4)] public required int HostCount { get; init; }

    /// <summary>What those have cost so far, in USD; on Fargate also what those have cost that are gone.</summary>
    [Id(5)] public required decimal CostUsd { get; init; }
}

/// <summary>What an environment has for a queue.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.EnvironmentLook")]
public sealed record EnvironmentLook
{
    /// <summary>Its name.</summary>
    [Id(0)] public required string Name { get; init; }

    /// <summary>Whether its status is VALID.</summary>
    [Id(1)] public required bool IsValid { get; init; }

    /// <summary>Whether its state is ENABLED.</summary>
    [Id(2)] public required bool IsEnabled { get; init; }

    /// <summary>The hosts that take jobs now, equal ones together; those that are full are left out.</summary>
    [Id(5)] public ImmutableArray<HostGroup> Hosts { get; init; } = [];

    /// <summary>The hosts that are being launched, as they will be.</summary>
    [Id(6)] public ImmutableArray<HostGroup> Coming { get; init; } = [];

    /// <summary>What it could give to one job if nothing else ran: vCPUs as far as its maximum, memory and GPUs as far as any host has.</summary>
    [Id(4)] public required ResourceNeeds Maximum { get; init; }

    /// <summary>The largest hosts that it could have; what fits on none of them can never run here.</summary>
    [Id(7)] public ImmutableArray<LargestHost> Largest { get; init; } = [];

    /// <summary>Of what waits: what finds no place here, on no host that there is or that can be launched. It is for the next environment.</summary>
    [Id(8)] public ImmutableArray<WaitingGroup> Unmet { get; init; } = [];

    /// <summary>Of that, what would need hosts that are not to be had.</summary>
    [Id(9)] public ImmutableArray<HostShortage> Shortages { get; init; } = [];

    /// <summary>What it can do for the multi-node job at the queue's head, if that is one.</summary>
    [Id(10)] public GangOutlook GangOutlook { get; init; }
}

/// <summary>Asks for capacity for one job.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ReserveAsk")]
public readonly record struct ReserveAsk([property: Id(0)] string JobId, [property: Id(1)] ResourceNeeds Needs);

/// <summary>What was reserved.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ReserveAnswer")]
public sealed record ReserveAnswer
{
    /// <summary>The reservations of the first so many asks; the rest got none.</summary>
    [Id(0)] public required ImmutableArray<string> ReservationIds { get; init; }

    /// <summary>The activation's epoch.</summary>
    [Id(1)] public required long Epoch { get; init; }

    /// <summary>The nodes that back the reservations, in their order.</summary>
    [Id(7)] public required ImmutableArray<NodeReference> Nodes { get; init; }

    /// <summary>The modelled ECS cluster.</summary>
    [Id(4)] public required string ClusterName { get; init; }

    /// <summary>The instance type of hosts of their own, <c>FARGATE</c> or <c>FARGATE_SPOT</c>; null: it is not one of Fargate.</summary>
    [Id(6)] public string? FargateType { get; init; }

    /// <summary>The hosts of the reservations, in their order; empty when that is the node itself.</summary>
    [Id(20)] public ImmutableArray<string> Hosts { get; init; } = [];

    /// <summary>What the jobs' parts of their hosts cost, in USD per hour, in the order of the reservations; empty: nothing.</summary>
    [Id(21)] public ImmutableArray<decimal> UsdPerHour { get; init; } = [];

    /// <summary>The GPUs of machines that the reservations name, by index, in their order; of those beyond its end, none.</summary>
    [Id(22)] public ImmutableArray<ImmutableArray<int>> Gpus { get; init; } = [];

    /// <summary>The GPUs that a reservation names; null: none.</summary>
    public IReadOnlyList<int>? GpusOf(int index) => !Gpus.IsDefault && index < Gpus.Length && !Gpus[index].IsDefaultOrEmpty ? [.. Gpus[index]] : null;

    /// <summary>What a reservation costs, in USD per hour; null: nothing.</summary>
    public decimal? PriceOf(int index) => UsdPerHour.IsDefaultOrEmpty || UsdPerHour[index] == 0 ? null : UsdPerHour[index];

    /// <summary>The modelled host of a reservation; null when that is the node itself, and on Fargate.</summary>
    public string? HostOf(int index) => Hosts.IsDefaultOrEmpty || FargateType is not null ? null : Hosts[index];

    /// <summary>The host of its own of a reservation on Fargate; null elsewhere.</summary>
    public FargateHost? FargateOf(int index) => FargateType is null ? null : new(Hosts[index], FargateType);
}
