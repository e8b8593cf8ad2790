using Orleans.Concurrency;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.ConsumableResources;

/// <summary>One consumable resource. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.IConsumableResourceGrain")]
public interface IConsumableResourceGrain : IGrainWithStringKey
{
    /// <summary>Its configuration and what jobs hold of it; null when it does not exist.</summary>
    [Alias("Read"), ReadOnly]
    Task<ConsumableResourceReading?> Read(CancellationToken cancellationToken);

    /// <summary>What there is of it now; the queue is woken when some of it comes free, once. Null when it does not exist.</summary>
    [Alias("Look")]
    Task<ConsumableLook?> Look(string queueKey, CancellationToken cancellationToken);

    /// <summary>Some of it may have come free: queues that looked and wait look again.</summary>
    [Alias("Released")]
    Task Released(CancellationToken cancellationToken);

    /// <summary>Creates the resource. The same invocation again gets the first answer, also when the resource has changed or gone since.</summary>
    [Alias("Create")]
    Task<CreateConsumableResourceResponse> Create(CreateConsumableResourceRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes its quantity. The same client token again within 8 hours gets the first answer.</summary>
    [Alias("Update")]
    Task<UpdateConsumableResourceResponse> Update(UpdateConsumableResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes the resource. Refused while a job that is not over needs it, and when it does not exist.</summary>
    [Alias("Delete")]
    Task Delete(CancellationToken cancellationToken);

    /// <summary>Changes the resource's tags; false when it does not exist.</summary>
    [Alias("ChangeTags")]
    Task<bool> ChangeTags(TagChange change, CancellationToken cancellationToken);
}

/// <summary>What a queue needs to know of a resource to give it to jobs.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableLook")]
public sealed record ConsumableLook
{
    /// <summary>The resource, from its creation to its deletion: one of the same name that comes after it has another.</summary>
    [Id(0)] public required string Key { get; init; }

    /// <summary>How much there is in all.</summary>
    [Id(1)] public required long Limit { get; init; }

    /// <summary>What is taken of that: by attempts now or, of what is not given back, ever.</summary>
    [Id(2)] public required long Taken { get; init; }

    /// <summary>Whether it is given back with an attempt's end.</summary>
    [Id(3)] public required bool IsReplenishable { get; init; }
}

/// <summary>A resource and what is in use of it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableResourceReading")]
public sealed record ConsumableResourceReading
{
    /// <summary>As stored.</summary>
    [Id(0)] public required ConsumableResourceConfiguration Configuration { get; init; }

    /// <summary>What jobs hold now.</summary>
    [Id(1)] public required long InUse { get; init; }
}
