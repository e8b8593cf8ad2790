using CsCheck;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Scheduling;

/// <summary>What holds for every round.</summary>
public sealed class MatcherPropertyTests
{
    private static readonly Gen<ResourceNeeds> Resources = Gen.Select(
        Gen.Int[0, 16], Gen.Int[0, 32], Gen.Int[0, 2], (vcpus, memory, gpus) => AQueue.Needs(vcpus, memory, gpus));

    private static readonly Gen<EnvironmentSnapshot> Environments = Gen.Select(
        Resources, Resources, Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))), Gen.Frequency((4, Gen.Const(true)), (1, Gen.Const(false))),
        // What is free is never more than the maximum.
        (free, used, isValid, isEnabled) => AQueue.Environment("", free, free + used, isValid, isEnabled));

    private static readonly Gen<QueueSnapshot> Queues = Gen.Select(
        Environments.List[0, 3],
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 12], Gen.Frequency((6, Gen.Const(0)), (1, Gen.Int[1, 3])), (v, m, g) => AQueue.Needs(v, m, g)).List[0, 30],
        Gen.Int[1, 12],
        (environments, needs, limit) => new QueueSnapshot
        {
            Environments = [.. environments.Select((environment, index) => environment with { Name = $"e{index}" })],
            Runnable = [.. needs.Select((need, index) => new WaitingJob($"j{index}", need))],
            Limit = limit,
        });

    [Fact]
    public void A_plan_never_hands_out_more_than_is_free() => Queues.Sample(queue =>
    {
        var used = Matcher.Match(queue).Placements.ToLookup(placement => placement.Environment, placement => Needs(queue, placement.JobId));
        Assert.All(queue.Environments, environment =>
            Assert.True(environment.Hosts[0].Free.Covers(used[environment.Name].Aggregate(default(ResourceNeeds), (sum, needs) => sum + needs))));
    });

    [Fact]
    public void Jobs_are_placed_as_an_unbroken_beginning_of_the_queue() => Queues.Sample(queue =>
    {
        var plan = Matcher.Match(queue);
        Assert.Equal(queue.Runnable.Take(plan.Placements.Length).Select(job => job.JobId), plan.Placements.Select(placement => placement.JobId));
        Assert.True(plan.Placements.Length <= queue.Limit);
    });

    [Fact]
    public void A_round_ends_only_at_its_limit_its_last_job_or_a_blocked_one() => Queues.Sample(queue =>
    {
        var plan = Matcher.Match(queue);
        var next = queue.Runnable.Skip(plan.Placements.Length).FirstOrDefault();
        var expected = plan.Placements.Length == queue.Limit ? null : next?.JobId;
        Assert.Equal(expected, plan.Blocked?.JobId);
    });

    [Fact]
    public void Nothing_is_placed_where_nothing_may_be_placed() => Queues.Sample(queue =>
        Assert.All(Matcher.Match(queue).Placements, placement =>
            Assert.True(queue.Environments.Single(environment => environment.Name == placement.Environment) is { IsValid: true, IsEnabled: true })));

    [Fact]
    public void Every_job_goes_to_the_first_environment_that_has_room_for_it() => Queues.Sample(queue =>
    {
        var left = queue.Environments.ToDictionary(environment => environment.Name, environment => environment.Hosts[0].Free);
        foreach (var placement in Matcher.Match(queue).Placements)
        {
            var needs = Needs(queue, placement.JobId);
            var before = queue.Environments.TakeWhile(environment => environment.Name != placement.Environment);
            Assert.All(before, environment =>
                Assert.False(environment is { IsValid: true, IsEnabled: true } && left[environment.Name].Covers(needs)));
            left[placement.Environment] -= needs;
        }
    });

    [Fact]
    public void A_job_is_called_misconfigured_only_against_every_maximum() => Queues.Sample(queue =>
    {
        if (Matcher.Match(queue).Blocked is { Reason: UnplacedReason.ExceedsMaximumVcpus or UnplacedReason.ExceedsResources } blocked)
        {
            Assert.All(queue.Environments, environment => Assert.False(environment.Maximum.Covers(Needs(queue, blocked.JobId))));
        }
    });

    [Fact]
    public void A_queue_is_called_busy_only_if_waiting_can_help() => Queues.Sample(queue =>
    {
        if (Matcher.Match(queue).Blocked is { Reason: UnplacedReason.NoFreeCapacity } blocked)
        {
            Assert.Contains(queue.Environments, environment =>
                environment is { IsValid: true, IsEnabled: true } && environment.Maximum.Covers(Needs(queue, blocked.JobId)));
        }
    });

    [Fact]
    public void A_queue_is_read_no_further_than_its_first_job_that_does_not_fit() => Queues.Sample(queue =>
    {
        var read = 0;
        var plan = Matcher.Match(queue with { Runnable = queue.Runnable.Select(job => { read++; return job; }) });
        Assert.Equal(plan.Placements.Length + (plan.Blocked is null ? 0 : 1), read);
    });

    private static ResourceNeeds Needs(QueueSnapshot queue, string jobId) => queue.Runnable.Single(job => job.JobId == jobId).Needs;
}
