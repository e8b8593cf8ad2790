using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.GrainInterfaces.JobDefinitions;

/// <summary>One job definition name: the order of its revisions, each a row of its own. Key: <c>account/region/name</c>.</summary>
[Alias("OrleansBatch.IJobDefinitionGrain")]
public interface IJobDefinitionGrain : IGrainWithStringKey
{
    /// <summary>Registers the next revision.</summary>
    [Alias("Register")]
    Task<JobDefinition> Register(RegisterJobDefinitionRequest request, CancellationToken cancellationToken);

    /// <summary>A revision, or the highest active one; null when there is none.</summary>
    [Alias("Resolve")]
    Task<JobDefinition?> Resolve(int? revision, CancellationToken cancellationToken);

    /// <summary>Makes a revision inactive, or the highest active one. Safe to repeat; false when there is none.</summary>
    [Alias("Deregister")]
    Task<bool> Deregister(int? revision, CancellationToken cancellationToken);
}
