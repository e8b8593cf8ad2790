using OrleansBatch.GrainInterfaces.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Grains.Tests.SchedulingPolicies;

/// <summary>Scheduling policies and the queues that have them.</summary>
public sealed class SchedulingPolicyTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    private ISchedulingPoliciesGrain Policies => _batch.Grains.GetGrain<ISchedulingPoliciesGrain>(Batch.Scope.Key);

    [Fact]
    public async Task A_policy_is_created_changed_described_listed_and_deleted()
    {
        var name = Name();
        var arn = (await CreateAsync(name)).Arn;
        await Policies.Update(new() { Arn = arn, FairsharePolicy = new() { ShareDecaySeconds = 60 } }, CancellationToken.None);

        Assert.Equal(60, (await DescribeAsync(arn, Arn("none"))).Single().FairsharePolicy.ShareDecaySeconds);
        Assert.Contains(arn, await ListAsync());

        await Policies.Delete(new() { Arn = arn }, CancellationToken.None);
        await Policies.Delete(new() { Arn = arn }, CancellationToken.None);
        Assert.Empty(await DescribeAsync(arn));
        Assert.DoesNotContain(arn, await ListAsync());
        await RefusedAsync("does not exist", () => Policies.Update(new() { Arn = arn }, CancellationToken.None));
    }

    [Fact]
    public async Task The_same_creation_again_gets_the_first_answer_also_after_a_deletion_and_another_one_is_refused()
    {
        var (name, call) = (Name(), Name());
        var created = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CreateAsync(name, call)));
        var arn = Assert.Single(created.Distinct()).Arn;
        await RefusedAsync("Object already exists", () => CreateAsync(name, Name()));
        await RefusedAsync("Object already exists", () => CreateAsync(name));

        await Policies.Delete(new() { Arn = arn }, CancellationToken.None);
        Assert.Equal(arn, (await CreateAsync(name, call)).Arn);
        Assert.Empty(await DescribeAsync(arn));
        await CreateAsync(name, Name());
        Assert.Single(await DescribeAsync(arn));
    }

    [Fact]
    public async Task A_policy_is_held_by_its_queue_until_the_queue_has_another_or_is_gone()
    {
        var (queue, first, second) = (Name(), Name(), Name());
        await _batch.CreateEnvironmentAsync(queue, 1);
        await CreateAsync(first);
        await CreateAsync(second);
        await CreateQueueAsync(queue, Arn(first));
        Assert.Equal(Arn(first), (await QueueAsync(queue)).SchedulingPolicyArn);
        await RefusedAsync("is used by a job queue", () => Policies.Delete(new() { Arn = Arn(first) }, CancellationToken.None));

        await _batch.Queues.Update(new() { JobQueue = queue, SchedulingPolicyArn = Arn(second), State = "DISABLED" }, CancellationToken.None);
        Assert.Equal(Arn(second), (await QueueAsync(queue)).SchedulingPolicyArn);
        await Policies.Delete(new() { Arn = Arn(first) }, CancellationToken.None);
        await RefusedAsync("is used by a job queue", () => Policies.Delete(new() { Arn = Arn(second) }, CancellationToken.None));

        await _batch.Queues.Delete(new() { JobQueue = queue }, CancellationToken.None);
        await Batch.UntilAsync(async () => (await _batch.Queues.Describe(new() { JobQueues = [queue] }, CancellationToken.None)).JobQueues.Count == 0);
        await Policies.Delete(new() { Arn = Arn(second) }, CancellationToken.None);
    }

    [Fact]
    public async Task A_queue_gets_only_a_policy_that_exists_and_only_when_it_is_created()
    {
        var (queue, policy) = (Name(), Name());
        await _batch.CreateEnvironmentAsync(queue, 1);
        await RefusedAsync($"SchedulingPolicy {Arn(policy)} not found.", () => CreateQueueAsync(queue, Arn(policy)));
        await CreateAsync(policy);
        await CreateQueueAsync(queue, "");

        await RefusedAsync("has no scheduling policy", () => _batch.Queues.Update(new() { JobQueue = queue, SchedulingPolicyArn = Arn(policy) }, CancellationToken.None));
        Assert.Null((await QueueAsync(queue)).SchedulingPolicyArn);
        await Policies.Delete(new() { Arn = Arn(policy) }, CancellationToken.None);
    }

    [Fact]
    public async Task A_job_of_a_fair_share_queue_names_its_share_and_is_described_with_it()
    {
        var name = Name();
        await _batch.CreateEnvironmentAsync(name, 1);
        await CreateAsync(name);
        await CreateQueueAsync(name, Arn(name));
        await _batch.RegisterAsync(name);
        await RefusedAsync("shareIdentifier is required", () => _batch.SubmitAsync(name));

        var job = (await _batch.Jobs.Submit(
            new() { JobName = "job", JobQueue = name, JobDefinition = name, ShareIdentifier = "A", SchedulingPriorityOverride = 3 }, null, CancellationToken.None)).JobId;

        var detail = await _batch.DescribeAsync(job);
        Assert.Equal(("A", 3), (detail.ShareIdentifier, detail.SchedulingPriority));
    }

    [Fact]
    public async Task A_queue_that_was_not_created_after_all_holds_no_policy()
    {
        var policy = Name();
        await CreateAsync(policy);
        await _batch.Grains.GetGrain<ISchedulingPolicyGrain>(new ScopedName(Batch.Scope, policy).Key).Attach(new ScopedName(Batch.Scope, Name()).Key, CancellationToken.None);

        await Policies.Delete(new() { Arn = Arn(policy) }, CancellationToken.None);
        Assert.Empty(await DescribeAsync(Arn(policy)));
    }

    [Fact]
    public async Task A_listing_goes_on_from_page_to_page()
    {
        string[] arns = [(await CreateAsync(Name())).Arn, (await CreateAsync(Name())).Arn];
        List<string> seen = [];
        string? token = null;
        do
        {
            var page = await Policies.List(new() { MaxResults = 1, NextToken = token }, CancellationToken.None);
            seen.AddRange(page.SchedulingPolicies.Select(policy => policy.Arn));
            token = page.NextToken;
        }
        while (token is not null);

        Assert.Subset(seen.ToHashSet(), arns.ToHashSet());
        Assert.Equal(seen.Count, seen.Distinct().Count());
    }

    private static string Name() => $"p-{Guid.NewGuid():N}";

    private static string Arn(string name) => $"arn:aws:batch:us-east-1:123456789012:scheduling-policy/{name}";

    private static async Task RefusedAsync(string text, Func<Task> call) =>
        Assert.Contains(text, (await Assert.ThrowsAsync<BatchClientException>(call)).Message, StringComparison.Ordinal);

    private Task<CreateSchedulingPolicyResponse> CreateAsync(string name, string? call = null) =>
        Policies.Create(new() { Name = name }, call is null ? null : new() { Key = call }, CancellationToken.None);

    private async Task<IReadOnlyList<SchedulingPolicyDetail>> DescribeAsync(params string[] arns) =>
        (await Policies.Describe(new() { Arns = arns }, CancellationToken.None)).SchedulingPolicies;

    private async Task<HashSet<string>> ListAsync() => [.. (await Policies.List(new(), CancellationToken.None)).SchedulingPolicies.Select(policy => policy.Arn)];

    private async Task<JobQueueDetail> QueueAsync(string name) =>
        (await _batch.Queues.Describe(new() { JobQueues = [name] }, CancellationToken.None)).JobQueues.Single();

    private Task<JobQueueResponse> CreateQueueAsync(string name, string policy) => _batch.Queues.Create(
        new() { JobQueueName = name, Priority = 1, SchedulingPolicyArn = policy, ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = name }] },
        null,
        CancellationToken.None);
}
