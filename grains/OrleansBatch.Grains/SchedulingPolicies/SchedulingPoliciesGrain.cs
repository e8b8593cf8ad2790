using Orleans.Concurrency;
using OrleansBatch.Core.SchedulingPolicies;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Grains.Catalogues;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Grains.SchedulingPolicies;

/// <summary>Takes what every door asks of a scope's scheduling policies to the named ones. Keeps nothing.</summary>
[StatelessWorker, Reentrant]
internal sealed class SchedulingPoliciesGrain : Grain, ISchedulingPoliciesGrain
{
    private Scope Scope => field ??= Scope.Parse(this.GetPrimaryKeyString());

    public Task<CreateSchedulingPolicyResponse> Create(
        CreateSchedulingPolicyRequest request, Invocation? invocation, CancellationToken cancellationToken) =>
        Policy(SchedulingPolicyRules.NewName(request)).Create(request, invocation, cancellationToken);

    public async Task Update(UpdateSchedulingPolicyRequest request, CancellationToken cancellationToken)
    {
        var name = SchedulingPolicyRules.NameOf(request.Arn, Scope);
        await Policy(name).Update(request, cancellationToken);
    }

    public async Task Delete(DeleteSchedulingPolicyRequest request, CancellationToken cancellationToken)
    {
        var name = SchedulingPolicyRules.NameOf(request.Arn, Scope);
        var queues = (await Policy(name).Read(cancellationToken))?.Queues ?? [];

        // A queue that was not created after all, or whose detaching was cut off, does not hold it.
        var uses = await Task.WhenAll(queues.Select(queue => UsesAsync(queue, name, cancellationToken)));
        await Policy(name).Delete([.. queues.Where((_, i) => !uses[i])], cancellationToken);
    }

    public async Task<DescribeSchedulingPoliciesResponse> Describe(DescribeSchedulingPoliciesRequest request, CancellationToken cancellationToken)
    {
        var found = await ReadAsync(SchedulingPolicyRules.Described(request, Scope), cancellationToken);
        return new() { SchedulingPolicies = [.. found.Select(SchedulingPolicyRules.Describe)] };
    }

    public async Task<ListSchedulingPoliciesResponse> List(ListSchedulingPoliciesRequest request, CancellationToken cancellationToken)
    {
        var page = await Catalogue.SchedulingPolicies(GrainFactory, Scope).PageAsync(SchedulingPolicyRules.List(request, Scope), cancellationToken);
        var found = await ReadAsync(page.Names, cancellationToken);
        return new() { SchedulingPolicies = [.. found.Select(SchedulingPolicyRules.Listing)], NextToken = page.NextToken };
    }

    private async Task<IEnumerable<SchedulingPolicyConfiguration>> ReadAsync(IReadOnlyList<string> names, CancellationToken cancellationToken) =>
        (await Task.WhenAll(names.Select(name => Policy(name).Read(cancellationToken)))).OfType<SchedulingPolicyReading>().Select(reading => reading.Configuration);

    private async Task<bool> UsesAsync(string queueKey, string policy, CancellationToken cancellationToken) =>
        await GrainFactory.Refer<IJobQueueGrain>(queueKey).Read(cancellationToken) is { } queue && queue.SchedulingPolicy == policy;

    private ISchedulingPolicyGrain Policy(string name) => GrainFactory.Refer<ISchedulingPolicyGrain>(new ScopedName(Scope, name).Key);
}
