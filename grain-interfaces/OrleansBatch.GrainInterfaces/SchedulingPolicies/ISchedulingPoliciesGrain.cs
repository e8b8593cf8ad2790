using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.GrainInterfaces.SchedulingPolicies;

/// <summary>The scheduling policies of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.ISchedulingPoliciesGrain")]
public interface ISchedulingPoliciesGrain : IGrainWithStringKey
{
    /// <summary>Creates a policy. The same invocation again gets the first answer.</summary>
    [Alias("Create")]
    Task<CreateSchedulingPolicyResponse> Create(CreateSchedulingPolicyRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes a policy. Safe to repeat.</summary>
    [Alias("Update")]
    Task Update(UpdateSchedulingPolicyRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes a policy that no queue uses. Safe to repeat.</summary>
    [Alias("Delete")]
    Task Delete(DeleteSchedulingPolicyRequest request, CancellationToken cancellationToken);

    /// <summary>Describes policies.</summary>
    [Alias("Describe")]
    Task<DescribeSchedulingPoliciesResponse> Describe(DescribeSchedulingPoliciesRequest request, CancellationToken cancellationToken);

    /// <summary>Lists a page of policies.</summary>
    [Alias("List")]
    Task<ListSchedulingPoliciesResponse> List(ListSchedulingPoliciesRequest request, CancellationToken cancellationToken);
}
