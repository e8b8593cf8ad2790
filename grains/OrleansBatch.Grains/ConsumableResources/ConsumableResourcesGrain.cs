using Orleans.Concurrency;
using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.ConsumableResources;

/// <summary>Takes what every door asks of a scope's consumable resources to the named ones. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class ConsumableResourcesGrain(IConsumableStore store) : Grain, IConsumableResourcesGrain
{
    private const int NamesPerRead = 1_000;

    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public Task<CreateConsumableResourceResponse> Create(
        CreateConsumableResourceRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
        Resource(ConsumableResourceRules.NewName(request)).Create(request, invocation, cancellationToken);

    public async Task<UpdateConsumableResourceResponse> Update(UpdateConsumableResourceRequest request, CancellationToken cancellationToken)
    {
        var name = ConsumableResourceRules.NameOf(request.ConsumableResource, Scope);
        return await Resource(name).Update(request, cancellationToken);
    }

    public async Task Delete(DeleteConsumableResourceRequest request, CancellationToken cancellationToken)
    {
        var name = ConsumableResourceRules.NameOf(request.ConsumableResource, Scope);
        await Resource(name).Delete(cancellationToken);
    }

    public async Task<DescribeConsumableResourceResponse> Describe(DescribeConsumableResourceRequest request, CancellationToken cancellationToken)
    {
        var name = ConsumableResourceRules.NameOf(request.ConsumableResource, Scope);
        var reading = await Resource(name).Read(cancellationToken) ?? throw Arns.DoesNotExist(ResourceKind.ConsumableResource, request.ConsumableResource!);
        return ConsumableResourceRules.Describe(reading.Configuration, reading.InUse);
    }

    public async Task<ListConsumableResourcesResponse> List(ListConsumableResourcesRequest request, CancellationToken cancellationToken)
    {
        var plan = ConsumableListPlan.Of(request, Scope);
        var page = plan.Page(await NamesAsync(plan, cancellationToken));
        var found = await Task.WhenAll(page.Names.Select(name => Resource(name).Read(cancellationToken)));
        return new()
        {
            ConsumableResources = [.. found.OfType<ConsumableResourceReading>().Select(one => ConsumableResourceRules.Summary(one.Configuration, one.InUse))],
            NextToken = page.NextToken,
        };
    }

    public async Task<ListJobsByConsumableResourceResponse> ListJobs(ListJobsByConsumableResourceRequest request, CancellationToken cancellationToken)
    {
        var plan = ConsumableJobs.List(request, Scope);
        _ = await Resource(plan.ResourceName).Read(cancellationToken) ?? throw Arns.DoesNotExist(ResourceKind.ConsumableResource, request.ConsumableResource!);
        ConsumableJobPage page;
        try
        {
            page = await store.ListJobsAsync(new(new(Scope, plan.ResourceName), plan.Status, plan.JobName, plan.Cursor, plan.Limit), cancellationToken);
        }
        catch (FormatException)
        {
            // A token of ours, but of another version's store.
            throw new BatchClientException("nextToken is not valid any more: list again from the first page.");
        }

        return new()
        {
            Jobs = [.. page.Jobs.Select(job => ConsumableJobs.Describe(job, plan.ResourceName))],
            NextToken = plan.NextToken(page.Next),
        };
    }

    /// <summary>The names of a page and one more, where there are.</summary>
    private async Task<List<string>> NamesAsync(ConsumableListPlan plan, CancellationToken cancellationToken)
    {
        var catalogue = Catalogue.ConsumableResources(GrainFactory, Scope);
        List<string> names = [];
        for (var after = plan.After; names.Count <= plan.PageSize;)
        {
            var read = await catalogue.List(after, NamesPerRead, cancellationToken);
            names.AddRange(read.Where(plan.Matches));
            if (read.Length < NamesPerRead)
            {
                break;
            }

            after = read[^1];
        }

        return names;
    }

    private IConsumableResourceGrain Resource(string name) => GrainFactory.Refer<IConsumableResourceGrain>(new ScopedName(Scope, name).Key);
}
