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

/// <summary>A resource and what is in use of it.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.ConsumableResourceReading")]
public sealed record ConsumableResourceReading
{
    /// <summary>As stored.</summary>
    [Id(0)] public required ConsumableResourceConfiguration Configuration { get; init; }

    /// <summary>What jobs hold now.</summary>
    [Id(1)] public required long InUse { get; init; }
}
