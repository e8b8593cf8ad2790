using System.Text.Json;
using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Grains.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.JobDefinitions;

/// <summary>Gives one name its revisions. Their rows are in the store; the few in use are kept at hand.</summary>
internal sealed class JobDefinitionGrain(IJobDefinitionStore store, IFailpoints failpoints, TimeProvider time) : Grain, IJobDefinitionGrain
{
    private const int MostAtHand = 64;

    private readonly Dictionary<int, JobDefinition> _atHand = [];
    private int? _highest;
    private int? _highestActive;

    private ScopedName Name => field ??= ScopedName.Parse(this.GetPrimaryKeyString());

    public async Task<RegisterJobDefinitionResponse> Register(
        RegisterJobDefinitionRequest request, Invocation? invocation, CancellationToken cancellationToken)
    {
        var last = _highest ?? await store.HighestRevisionAsync(Name.Scope, Name.Name, cancellationToken);
        var definition = DefinitionRules.Register(request, last + 1);
        var answer = DefinitionRules.Answer(Name.Scope, definition);
        var inserted = await store.InsertAsync(Name.Scope, definition, Record(invocation, answer), cancellationToken);
        if (inserted.RecordedAnswer is { } recorded)
        {
            return JsonSerializer.Deserialize(recorded, AnswersJson.Default.RegisterJobDefinitionResponse)!;
        }

        if (!inserted.IsDone)
        {
            DeactivateOnIdle();
            throw new JobStoreException($"Revision {definition.Revision} of job definition {Name.Name} was given by another activation.");
        }

        failpoints.Reach(Failpoint.CreatedNotAnswered);
        _highest = definition.Revision;
        _highestActive = definition.Revision;
        Keep(definition);
        return answer;
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

    public async Task<bool> ChangeTags(int revision, TagChange change, CancellationToken cancellationToken)
    {
        if (await Resolve(revision, cancellationToken) is not { } definition)
        {
            return false;
        }

        var tags = TagChanges.Apply(definition.Tags, change);
        if (!ReferenceEquals(tags, definition.Tags))
        {
            // Until it is stored, nobody knows which it has: the next look reads it.
            _ = _atHand.Remove(revision);
            await store.SetTagsAsync(Name.Scope, Name.Name, revision, tags, cancellationToken);
        }

        return true;
    }

    // Answers to other operations are in the same table, and an id alone does not tell of which.
    private InvocationRecord? Record(Invocation? invocation, RegisterJobDefinitionResponse answer) => invocation is null
        ? null
        : new(
            "RegisterJobDefinition/" + invocation.Key,
            JsonSerializer.Serialize(answer, AnswersJson.Default.RegisterJobDefinitionResponse),
            time.GetUtcNow());

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
