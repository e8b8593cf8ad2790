using Orleans.Concurrency;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Tags;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.GrainInterfaces.Tags;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Tags;

namespace OrleansBatch.Grains.Tags;

/// <summary>Takes what every door asks of tags to the grain that keeps the resource. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class TagsGrain(IJobStore store) : Grain, ITagsGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public async Task<ListTagsForResourceResponse> List(ListTagsForResourceRequest request, CancellationToken cancellationToken)
    {
        var resource = TaggedResource.Of(request.ResourceArn, Scope);
        return new() { Tags = await ReadAsync(resource, cancellationToken) ?? throw resource.DoesNotExist() };
    }

    public Task Tag(TagResourceRequest request, CancellationToken cancellationToken)
    {
        var resource = TaggedResource.Of(request.ResourceArn, Scope);
        return ChangeAsync(resource, TagChanges.Of(request), cancellationToken);
    }

    public Task Untag(UntagResourceRequest request, CancellationToken cancellationToken)
    {
        var resource = TaggedResource.Of(request.ResourceArn, Scope);
        return ChangeAsync(resource, TagChanges.Of(request), cancellationToken);
    }

    private async Task ChangeAsync(TaggedResource resource, TagChange change, CancellationToken cancellationToken)
    {
        var exists = resource switch
        {
            TaggedResource.JobQueue queue => await Named<IJobQueueGrain>(queue.Name).ChangeTags(change, cancellationToken),
            TaggedResource.ComputeEnvironment environment =>
                await Named<IComputeEnvironmentGrain>(environment.Name).ChangeTags(change, cancellationToken),
            TaggedResource.SchedulingPolicy policy => await Named<ISchedulingPolicyGrain>(policy.Name).ChangeTags(change, cancellationToken),
            TaggedResource.ConsumableResource consumable => await Named<IConsumableResourceGrain>(consumable.Name).ChangeTags(change, cancellationToken),
            TaggedResource.JobDefinition definition =>
                await Named<IJobDefinitionGrain>(definition.Name).ChangeTags(definition.Revision, change, cancellationToken),
            TaggedResource.Job job => await GrainFactory.Refer<IJobGrain>(job.JobId).ChangeTags(Scope, change, cancellationToken),
            _ => throw new InvalidOperationException($"No such resource: {resource}."),
        };
        if (!exists)
        {
            throw resource.DoesNotExist();
        }
    }

    private async Task<IReadOnlyDictionary<string, string>?> ReadAsync(TaggedResource resource, CancellationToken cancellationToken) => resource switch
    {
        TaggedResource.JobQueue queue => (await Named<IJobQueueGrain>(queue.Name).Read(cancellationToken))?.Tags,
        TaggedResource.ComputeEnvironment environment =>
            (await Named<IComputeEnvironmentGrain>(environment.Name).Read(cancellationToken))?.Configuration.Tags,
        TaggedResource.SchedulingPolicy policy => (await Named<ISchedulingPolicyGrain>(policy.Name).Read(cancellationToken))?.Configuration.Tags,
        TaggedResource.ConsumableResource consumable => (await Named<IConsumableResourceGrain>(consumable.Name).Read(cancellationToken))?.Configuration.Tags,
        TaggedResource.JobDefinition definition =>
            (await Named<IJobDefinitionGrain>(definition.Name).Resolve(definition.Revision, cancellationToken))?.Tags,
        TaggedResource.Job job => await store.ReadAsync(job.JobId, cancellationToken) is { } row && row.Scope == Scope ? JobDescriptions.Tags(row) : null,
        _ => throw new InvalidOperationException($"No such resource: {resource}."),
    };

    private TGrain Named<TGrain>(string name)
        where TGrain : class, IGrainWithStringKey => GrainFactory.Refer<TGrain>(new ScopedName(Scope, name).Key);
}
