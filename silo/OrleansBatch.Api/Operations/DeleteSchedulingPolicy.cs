using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Api.Operations;

/// <summary>DeleteSchedulingPolicy.</summary>
internal static class DeleteSchedulingPolicy
{
    /// <summary>The operation.</summary>
    public static Operation Operation { get; } = new BatchOperation<DeleteSchedulingPolicyRequest, EmptyAnswer>(
        nameof(DeleteSchedulingPolicy),
        BatchJson.Default.EmptyAnswer,
        static async call =>
        {
            await call.Grain<ISchedulingPoliciesGrain>().Delete(call.Request, CancellationToken.None);
            return EmptyAnswer.Instance;
        });
}
