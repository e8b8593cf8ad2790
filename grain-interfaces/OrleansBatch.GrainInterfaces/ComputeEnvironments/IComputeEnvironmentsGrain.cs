using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.GrainInterfaces.ComputeEnvironments;

/// <summary>The compute environments of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IComputeEnvironmentsGrain")]
public interface IComputeEnvironmentsGrain : IGrainWithStringKey
{
    /// <summary>Creates an environment. The same invocation again gets the first answer.</summary>
    [Alias("Create")]
    Task<ComputeEnvironmentResponse> Create(CreateComputeEnvironmentRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Changes an environment. Safe to repeat.</summary>
    [Alias("Update")]
    Task<ComputeEnvironmentResponse> Update(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>Deletes an environment that is disabled and that no queue uses. Safe to repeat.</summary>
    [Alias("Delete")]
    Task Delete(DeleteComputeEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>Describes a page of environments.</summary>
    [Alias("Describe")]
    Task<DescribeComputeEnvironmentsResponse> Describe(DescribeComputeEnvironmentsRequest request, CancellationToken cancellationToken);

    /// <summary>The hosts of an environment, those that have ended among them.</summary>
    [Alias("ListHosts")]
    Task<ListHostsResponse> ListHosts(ListHostsRequest request, CancellationToken cancellationToken);

    /// <summary>Takes a Spot host back, as EC2 does: with a notice of two minutes. Safe to repeat.</summary>
    [Alias("InterruptHost")]
    Task<HostDetail> InterruptHost(string hostId, CancellationToken cancellationToken);

    /// <summary>Replaces the operator's variables for the jobs of a compute environment. Safe to repeat.</summary>
    [Alias("SetJobEnvironment")]
    Task<JobEnvironmentNames> SetJobEnvironment(SetJobEnvironmentRequest request, CancellationToken cancellationToken);

    /// <summary>The names of the operator's variables for the jobs of a compute environment.</summary>
    [Alias("JobEnvironment")]
    Task<JobEnvironmentNames> JobEnvironment(string name, CancellationToken cancellationToken);
}
