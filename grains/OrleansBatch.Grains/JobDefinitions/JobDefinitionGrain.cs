using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Grains.JobDefinitions;

/// <summary>Gives one name its revisions. Their rows are in the store; the few in use are kept at hand.</summary>
internal sealed class JobDefinitionGrain(IJobDefinitionStore store, TimeProvider time) : Grain, IJobDefinitionGrain
{
    private const int MostAtHand = 64;

    private readonly Dictionary<int, JobDefinition> _atHand = [];
    private int? _highest;
    private int? _highestActive;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    public async Task<JobDefinition> Register(RegisterJobDefinitionRequest request, CancellationToken cancellationToken)
    {
        var last = _highest ?? await store.HighestRevisionAsync(Name.Scope, Name.Name, cancellationToken);
        var definition = DefinitionRules.Register(request, last + 1);
        if (!await store.InsertAsync(Name.Scope, definition, cancellationToken))
        {
            DeactivateOnIdle();
            throw new JobStoreException($"Revision {definition.Revision} of job definition {Name.Name} was given by another activation.");
        }

        _highest = definition.Revision;
        _highestActive = definition.Revision;
        Keep(definition);
        return definition;
    }

    public async Task<JobDefinition?> Resolve(int? revision, CancellationToken cancellationToken)
    {
        if ((revision ?? _highestActive) is { } number)
        {
            if (_atHand.TryGetValue(number, out var known))
            {
                return known;
            }

            return Keep(await store.ReadAsync(Name.Scope, Name.Name, number, cancellationToken));
        }

        var highest = Keep(await store.ReadHighestActiveAsync(Name.Scope, Name.Name, cancellationToken));
        _highestActive = highest?.Revision;
        return highest;
    }

    public async Task<bool> Deregister(int? revision, CancellationToken cancellationToken)
    {
        if (await Resolve(revision, cancellationToken) is not { } definition)
        {
            return false;
        }

        if (definition.IsActive)
        {
            _ = await store.DeactivateAsync(Name.Scope, Name.Name, definition.Revision, time.GetUtcNow(), cancellationToken);
            _ = _atHand.Remove(definition.Revision);
            _highestActive = null;
        }

        return true;
    }

    private JobDefinition? Keep(JobDefinition? definition)
    {
        if (definition is not null)
        {
            if (_atHand.Count >= MostAtHand)
            {
                _atHand.Clear();
            }

            _atHand[definition.Revision] = definition;
        }

        return definition;
    }
}
