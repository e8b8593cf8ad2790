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

    /// <summary>A page of a group's events, of some or all of its streams.</summary>
    [Alias("FilterEvents")]
    Task<FilterLogEventsResponse> FilterEvents(FilterLogEventsRequest request, CancellationToken cancellationToken);

    /// <summary>A page of a group's streams.</summary>
    [Alias("DescribeStreams")]
    Task<DescribeLogStreamsResponse> DescribeStreams(DescribeLogStreamsRequest request, CancellationToken cancellationToken);

    /// <summary>A page of the groups.</summary>
    [Alias("DescribeGroups")]
    Task<DescribeLogGroupsResponse> DescribeGroups(DescribeLogGroupsRequest request, CancellationToken cancellationToken);
}
