using Orleans.Concurrency;
using OrleansBatch.Core.JobQueues;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>Takes what every door asks of a scope's job queues to the named ones. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class JobQueuesGrain : Grain, IJobQueuesGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public Task<JobQueueResponse> Create(CreateJobQueueRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
        Queue(JobQueueRules.NewName(request)).Create(request, invocation, cancellationToken);

    public async Task<JobQueueResponse> Update(UpdateJobQueueRequest request, CancellationToken cancellationToken)
    {
        var name = JobQueueRules.NameOf(request.JobQueue, Scope);
        return JobQueueRules.Answer((await Queue(name).Update(request, cancellationToken)).Name);
    }

    public async Task Delete(DeleteJobQueueRequest request, CancellationToken cancellationToken)
    {
        var name = JobQueueRules.NameOf(request.JobQueue, Scope);
        await Queue(name).Delete(cancellationToken);
    }

    public async Task<DescribeJobQueuesResponse> Describe(DescribeJobQueuesRequest request, CancellationToken cancellationToken)
    {
        var page = await Catalogue.JobQueues(GrainFactory, Scope).PageAsync(JobQueueRules.List(request, Scope), cancellationToken);
        var found = await Task.WhenAll(page.Names.Select(name => Queue(name).Read(cancellationToken)));
        return new()
        {
            JobQueues = [.. found.OfType<JobQueueConfiguration>().Select(JobQueueRules.Describe)],
            NextToken = page.NextToken,
        };
    }

    public async Task<GetJobQueueSnapshotResponse> Snapshot(GetJobQueueSnapshotRequest request, CancellationToken cancellationToken)
    {
        var name = JobQueueRules.NameOf(request.JobQueue, Scope);
        return await Queue(name).Snapshot(cancellationToken) ?? throw Arns.DoesNotExist(ResourceKind.JobQueue, name);
    }

    public async Task<JobEnvironmentNames> SetJobEnvironment(SetJobEnvironmentRequest request, CancellationToken cancellationToken)
    {
        var name = JobQueueRules.NameOf(request.Name, Scope);
        var environment = EnvironmentRules.CheckOperators(request);
        await Queue(name).SetJobEnvironment(environment, cancellationToken);
        return EnvironmentRules.Names(environment);
    }

    public async Task<JobEnvironmentNames> JobEnvironment(string name, CancellationToken cancellationToken)
    {
        var queue = Queue(JobQueueRules.NameOf(name, Scope));
        return await queue.Read(cancellationToken) is null
            ? throw Arns.DoesNotExist(ResourceKind.JobQueue, name)
            : EnvironmentRules.Names(await queue.JobEnvironment(cancellationToken));
    }

    private IJobQueueGrain Queue(string name) => GrainFactory.Refer<IJobQueueGrain>(new ScopedName(Scope, name).Key);
}
