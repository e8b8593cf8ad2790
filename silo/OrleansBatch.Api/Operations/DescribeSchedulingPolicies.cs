using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Api.Operations;

/// <summary>DescribeSchedulingPolicies.</summary>
internal static class DescribeSchedulingPolicies
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DescribeSchedulingPoliciesRequest, DescribeSchedulingPoliciesResponse>(
        nameof(DescribeSchedulingPolicies),
        BatchJson.Default.DescribeSchedulingPoliciesResponse,
        static call => call.Grain<ISchedulingPoliciesGrain>().Describe(call.Request, call.Aborted));
}
