using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using Orleans.Concurrency;

namespace OrleansBatch.Grains.JobDefinitions;

/// <summary>Takes what every door asks of a scope's job definitions to the names. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class JobDefinitionsGrain(IJobDefinitionStore store) : Grain, IJobDefinitionsGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public async Task<RegisterJobDefinitionResponse> Register(RegisterJobDefinitionRequest request, CancellationToken cancellationToken)
    {
        DefinitionRules.Check(request);
        var definition = await Definition(request.JobDefinitionName!).Register(request, cancellationToken);
        return new()
        {
            JobDefinitionName = definition.Name,
            JobDefinitionArn = Arns.JobDefinition(Scope, definition.Name, definition.Revision),
            Revision = definition.Revision,
        };
    }

    public async Task Deregister(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken)
    {
        var reference = DefinitionRules.Deregister(request, Scope);
        if (!await Definition(reference.Name).Deregister(reference.Revision, cancellationToken))
        {
            throw new BatchClientException($"Job definition {request.JobDefinition} does not exist.");
        }
    }

    public async Task<DescribeJobDefinitionsResponse> Describe(DescribeJobDefinitionsRequest request, CancellationToken cancellationToken)
    {
        var plan = DefinitionRules.List(request, Scope);
        if (plan.References is { } references)
        {
            var found = await Task.WhenAll(references.Select(reference => Definition(reference.Name).Resolve(reference.Revision, cancellationToken)));
            return Answer(found.OfType<JobDefinition>(), null);
        }

        // One more than asked tells whether there is a next page.
        var rows = await store.ListAsync(new(Scope, plan.Name, plan.IsActive, plan.After, plan.Limit + 1), cancellationToken);
        var page = rows.Take(plan.Limit).ToList();
        return Answer(page, rows.Count > plan.Limit ? plan.TokenAfter(page[^1]) : null);
    }

    private DescribeJobDefinitionsResponse Answer(IEnumerable<JobDefinition> definitions, string? nextToken) => new()
    {
        JobDefinitions = [.. definitions.Select(definition => DefinitionRules.Describe(Scope, definition))],
        NextToken = nextToken,
    };

    private IJobDefinitionGrain Definition(string name) => GrainFactory.GetGrain<IJobDefinitionGrain>(new ScopedName(Scope, name).Key);
}
