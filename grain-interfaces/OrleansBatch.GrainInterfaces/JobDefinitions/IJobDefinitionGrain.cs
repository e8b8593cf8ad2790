using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.GrainInterfaces.JobDefinitions;

/// <summary>One job definition name: the order of its revisions, each a row of its own. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.IJobDefinitionGrain")]
public interface IJobDefinitionGrain : IGrainWithStringKey
{
    /// <summary>Registers the next revision. The same invocation again gets the first answer.</summary>
    [Alias("Register")]
    Task<RegisterJobDefinitionResponse> Register(RegisterJobDefinitionRequest request, Invocation? invocation, CancellationToken cancellationToken);

    /// <summary>A revision, or the highest active one; null when there is none.</summary>
    [Alias("Resolve")]
    Task<JobDefinition?> Resolve(int? revision, CancellationToken cancellationToken);

    /// <summary>Makes a revision inactive, or the highest active one. Safe to repeat; false when there is none.</summary>
    [Alias("Deregister")]
    Task<bool> Deregister(int? revision, CancellationToken cancellationToken);

    /// <summary>Changes the tags of a revision, active or not; false when there is none.</summary>
    [Alias("ChangeTags")]
    Task<bool> ChangeTags(int revision, TagChange change, CancellationToken cancellationToken);
}
