using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Api.Operations;

/// <summary>ListSchedulingPolicies.</summary>
internal static class ListSchedulingPolicies
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<ListSchedulingPoliciesRequest, ListSchedulingPoliciesResponse>(
        nameof(ListSchedulingPolicies),
        BatchJson.Default.ListSchedulingPoliciesResponse,
        static call => call.Grain<ISchedulingPoliciesGrain>().List(call.Request, call.Aborted));
}
