using Orleans.Concurrency;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>Takes what every door asks of a scope's compute environments to the named ones. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class ComputeEnvironmentsGrain(IHostStore hosts) : Grain, IComputeEnvironmentsGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public Task<ComputeEnvironmentResponse> Create(
        CreateComputeEnvironmentRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
        Environment(ComputeEnvironmentRules.NewName(request)).Create(request, invocation, cancellationToken);

    public async Task<ComputeEnvironmentResponse> Update(UpdateComputeEnvironmentRequest request, CancellationToken cancellationToken)
    {
        var name = ComputeEnvironmentRules.NameOf(request.ComputeEnvironment, Scope);
        return ComputeEnvironmentRules.Answer((await Environment(name).Update(request, cancellationToken)).Name);
    }

    public async Task Delete(DeleteComputeEnvironmentRequest request, CancellationToken cancellationToken)
    {
        var name = ComputeEnvironmentRules.NameOf(request.ComputeEnvironment, Scope);
        var queues = (await Environment(name).Read(cancellationToken))?.Queues ?? [];

        // A queue that was not created after all, or whose detaching was cut off, does not hold it.
        var uses = await Task.WhenAll(queues.Select(queue => UsesAsync(queue, name, cancellationToken)));
        await Environment(name).Delete([.. queues.Where((_, i) => !uses[i])], cancellationToken);
    }

    public async Task<DescribeComputeEnvironmentsResponse> Describe(DescribeComputeEnvironmentsRequest request, CancellationToken cancellationToken)
    {
        var page = await Catalogue.ComputeEnvironments(GrainFactory, Scope)
            .PageAsync(ComputeEnvironmentRules.List(request, Scope), cancellationToken);
        var found = await Task.WhenAll(page.Names.Select(name => Environment(name).Read(cancellationToken)));
        return new()
        {
            ComputeEnvironments = await Task.WhenAll(found.OfType<EnvironmentReading>().Select(reading => DescribeAsync(reading, cancellationToken))),
            NextToken = page.NextToken,
        };
    }

    public async Task<ListHostsResponse> ListHosts(ListHostsRequest request, CancellationToken cancellationToken)
    {
        var listing = HostListing.Of(request, Scope);
        var name = new ScopedName(Scope, listing.Environment);
        var reading = await Environment(name.Name).Read(cancellationToken) ?? throw Arns.DoesNotExist(ResourceKind.ComputeEnvironment, name.Name);
        var live = listing.HasLive ? await Environment(name.Name).Hosts(cancellationToken) : [];
        var ended = listing.Ended == 0 ? [] : await hosts.ListEndedAsync(name, listing.After, listing.Ended, cancellationToken);

        // A host on Fargate has its row a moment before its environment lets it go.
        HashSet<string> gone = [.. ended.Select(host => host.HostId)];
        return new()
        {
            ComputeEnvironment = name.Name,
            Hosts = [.. live.Where(host => !gone.Contains(host.HostId)), .. ended.Select(host => host.Describe(host.EndedAt!.Value))],
            CostUsd = reading.CostUsd + await hosts.ReadEndedCostAsync(name, cancellationToken),
            NextToken = ended.Count > 0 && ended.Count == listing.Ended ? HostListing.Token(ended[^1].LaunchedAt, ended[^1].HostId) : null,
        };
    }

    public async Task<HostDetail> InterruptHost(string hostId, CancellationToken cancellationToken) =>
        await hosts.ReadAsync(hostId, cancellationToken) is { EndedAt: null } host && ScopedName.Parse(host.Environment) is var name && name.Scope == Scope
            ? await Environment(name.Name).Interrupt(hostId, cancellationToken)
            : throw new BatchClientException(FargateHosts.IsId(hostId)
                ? $"Host {hostId} is on Fargate: only SPOT hosts of EC2 are taken back."
                : $"Host {hostId} does not exist, or has ended.");

    public async Task<JobEnvironmentNames> SetJobEnvironment(SetJobEnvironmentRequest request, CancellationToken cancellationToken)
    {
        var name = ComputeEnvironmentRules.NameOf(request.Name, Scope);
        var environment = EnvironmentRules.CheckOperators(request);
        await Environment(name).SetJobEnvironment(environment, cancellationToken);
        return EnvironmentRules.Names(environment);
    }

    public async Task<JobEnvironmentNames> JobEnvironment(string name, CancellationToken cancellationToken)
    {
        var environment = Environment(ComputeEnvironmentRules.NameOf(name, Scope));
        return await environment.Read(cancellationToken) is null
            ? throw Arns.DoesNotExist(ResourceKind.ComputeEnvironment, name)
            : EnvironmentRules.Names(await environment.JobEnvironment(cancellationToken));
    }

    private async Task<ComputeEnvironmentDetail> DescribeAsync(EnvironmentReading reading, CancellationToken cancellationToken) =>
        ComputeEnvironmentRules.Describe(reading.Configuration, reading.DesiredvCpus) with
        {
            OrleansBatch = new()
            {
                Hosts = reading.HostCount,
                UsedVcpus = reading.InUse.VcpuMillis / 1000m,
                CostUsd = reading.CostUsd + await hosts.ReadEndedCostAsync(reading.Configuration.Name, cancellationToken),
            },
        };

    private async Task<bool> UsesAsync(string queueKey, string environment, CancellationToken cancellationToken) =>
        await GrainFactory.Refer<IJobQueueGrain>(queueKey).Read(cancellationToken) is { } queue && queue.Environments.Contains(environment);

    private IComputeEnvironmentGrain Environment(string name) => GrainFactory.Refer<IComputeEnvironmentGrain>(new ScopedName(Scope, name).Key);
}
