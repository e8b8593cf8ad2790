using Orleans.Concurrency;
using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.JobDefinitions;

/// <summary>Takes what every door asks of a scope's job definitions to the names. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class JobDefinitionsGrain(IJobDefinitionStore store) : Grain, IJobDefinitionsGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public Task<RegisterJobDefinitionResponse> Register(
        RegisterJobDefinitionRequest request, Invocation? invocation, CancellationToken cancellationToken)
    {
        DefinitionRules.Check(request);
        return Definition(request.JobDefinitionName!).Register(request, invocation, cancellationToken);
    }

    public async Task Deregister(DeregisterJobDefinitionRequest request, CancellationToken cancellationToken)
    {
        var reference = DefinitionRules.Deregister(request, Scope);
        if (!await Definition(reference.Name).Deregister(reference.Revision, cancellationToken))
        {
            throw DefinitionRules.DoesNotExist(request.JobDefinition!);
        }
    }

    public async Task<DescribeJobDefinitionsResponse> Describe(DescribeJobDefinitionsRequest request, CancellationToken cancellationToken)
    {
        var plan = DefinitionRules.List(request, Scope);
        var rows = plan.References is { } references
            ? [.. (await Task.WhenAll(references.Select(asked => Definition(asked.Name).Resolve(asked.Revision, cancellationToken)))).OfType<JobDefinition>()]
            : await store.ListAsync(new(Scope, plan.Name, plan.IsActive, plan.After, plan.Limit), cancellationToken);
        return plan.Answer(rows);
    }

    private IJobDefinitionGrain Definition(string name) => GrainFactory.Refer<IJobDefinitionGrain>(new ScopedName(Scope, name).Key);
}
