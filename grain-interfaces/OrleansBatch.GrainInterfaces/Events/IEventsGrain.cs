using OrleansBatch.Model.Events;

namespace OrleansBatch.GrainInterfaces.Events;

/// <summary>The events of one scope's jobs, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IEventsGrain")]
public interface IEventsGrain : IGrainWithStringKey
{
    /// <summary>Lists a page of events, those of one job or of all; when there are none it waits for some as long as the request says.</summary>
    [Alias("List")]
    Task<ListEventsResponse> List(ListEventsRequest request, CancellationToken cancellationToken);
}
