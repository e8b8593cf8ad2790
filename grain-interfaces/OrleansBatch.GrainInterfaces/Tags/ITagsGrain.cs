using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.Tags;

/// <summary>The tags of one scope's resources, as every door asks for them. Key: <c>account/region</c>. The resource's own grain keeps them.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.ITagsGrain")]
public interface ITagsGrain : IGrainWithStringKey
{
    /// <summary>A resource's tags.</summary>
    [Alias("List")]
    Task<ListTagsForResourceResponse> List(ListTagsForResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Sets tags of a resource. Safe to repeat.</summary>
    [Alias("Tag")]
    Task Tag(TagResourceRequest request, CancellationToken cancellationToken);

    /// <summary>Removes tags of a resource. Safe to repeat.</summary>
    [Alias("Untag")]
    Task Untag(UntagResourceRequest request, CancellationToken cancellationToken);
}
