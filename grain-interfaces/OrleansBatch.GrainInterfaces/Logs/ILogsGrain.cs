using OrleansBatch.Model.Logs;

namespace OrleansBatch.GrainInterfaces.Logs;

/// <summary>The jobs' logs of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.LogsClientException"/>.</remarks>
[Alias("OrleansBatch.ILogsGrain")]
public interface ILogsGrain : IGrainWithStringKey
{
    /// <summary>A page of one stream.</summary>
    [Alias("GetEvents")]
    Task<GetLogEventsResponse> GetEvents(GetLogEventsRequest request, CancellationToken cancellationToken);
}
