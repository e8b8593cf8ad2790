using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.GrainInterfaces.ConsumableResources;

/// <summary>The consumable resources of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IConsumableResourcesGrain")]
public interface IConsumableResourcesGrain : IGrainWithStringKey
{
    /// <summary>Creates a resource. The same invocation again gets the first answer.</summary>
    [Alias("Create")]
    Task<CreateConsumableResourceResponse> Create(CreateConsumableResourceRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes a resource's quantity. The same client token again within 8 hours gets the first answer.</summary>
    [Alias("Update")]
    Task<UpdateConsumableResourceResponse> Update(UpdateConsumableResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Lists a page of the jobs that need a resource, newest first; an array as one.</summary>
    [Alias("ListJobs")]
    Task<ListJobsByConsumableResourceResponse> ListJobs(ListJobsByConsumableResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a resource that no job needs any more.</summary>
    [Alias("Delete")]
    Task Delete(DeleteConsumableResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Describes a resource.</summary>
    [Alias("Describe")]
    Task<DescribeConsumableResourceResponse> Describe(DescribeConsumableResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Lists a page of resources.</summary>
    [Alias("List")]
    Task<ListConsumableResourcesResponse> List(ListConsumableResourcesRequest request, CancellationToken cancellationToken);
}
