using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Api.Operations;

/// <summary>UpdateSchedulingPolicy.</summary>
internal static class UpdateSchedulingPolicy
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<UpdateSchedulingPolicyRequest, EmptyAnswer>(
        nameof(UpdateSchedulingPolicy),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<ISchedulingPoliciesGrain>().Update(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
