using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Api.Operations;

/// <summary>CreateSchedulingPolicy.</summary>
internal static class CreateSchedulingPolicy
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<CreateSchedulingPolicyRequest, CreateSchedulingPolicyResponse>(
        nameof(CreateSchedulingPolicy),
        BatchJson.Default.CreateSchedulingPolicyResponse,
        static call => call.Grain<ISchedulingPoliciesGrain>().Create(call.Request, call.Invocation, CancellationToken.None))
    {
        IsIdentified = true,
    };
}
