using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.GrainInterfaces.JobDefinitions;

/// <summary>The job definitions of one scope, as every door asks for them. Key: <c>account/region</c>.</summary>
/// <remarks>Every caller's mistake is a <see cref="Model.BatchClientException"/>.</remarks>
[Alias("OrleansBatch.IJobDefinitionsGrain")]
public interface IJobDefinitionsGrain : IGrainWithStringKey
{
    /// <summary>Registers the next revision of a name. The same invocation again gets the first answer.</summary>
    [Alias("Register")]
    Task<RegisterJobDefinitionResponse> Register(RegisterJobDefinitionRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>Makes a revision inactive. Safe to repeat.</summary>
    [Alias("Deregister")]
    Task Deregister(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken);

    /// <summary>Describes a page of revisions.</summary>
    [Alias("Describe")]
    Task<DescribeJobDefinitionsResponse> Describe(DescribeJobDefinitionsRequest request, CancellationToken cancellationToken);
}
