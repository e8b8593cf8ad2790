using OrleansBatch.Core.Scheduling;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Scheduling.AQueue;

namespace OrleansBatch.Core.Tests.Scheduling;

public sealed class MatcherTests
{
    private static readonly ResourceNeeds Four = Needs(4, 16);

    [Fact]
    public void Jobs_are_placed_in_order_until_one_does_not_fit()
    {
        var plan = Matcher.Match(Of([Environment("a", Four)], Job("1", 2), Job("2", 1), Job("3", 2), Job("4", 1)));

        Assert.Equal([new("1", "a"), new("2", "a")], plan.Placements);
        Assert.Equal(new("3", UnplacedReason.NoFreeCapacity), plan.Blocked);
    }

    [Fact]
    public void A_full_environment_is_passed_over_for_the_next()
    {
        var plan = Matcher.Match(Of([Environment("full", Needs(0), Four), Environment("free", Four)], Job("1", 4)));

        Assert.Equal([new("1", "free")], plan.Placements);
        Assert.Null(plan.Blocked);
    }

    [Fact]
    public void The_first_environment_that_fits_takes_it_even_after_a_later_one_was_used()
    {
        var plan = Matcher.Match(Of([Environment("small", Needs(2, 16)), Environment("large", Needs(8, 16))], Job("1", 4), Job("2", 2)));

        Assert.Equal([new("1", "large"), new("2", "small")], plan.Placements);
    }

    [Fact]
    public void Memory_and_GPUs_count_as_vCPUs_do()
    {
        var environments = new[] { Environment("a", Needs(64, 8, gpus: 1)) };

        Assert.Equal("2", Matcher.Match(Of(environments, Job("1", 1, 6), Job("2", 1, 6))).Blocked!.JobId);
        Assert.Equal("2", Matcher.Match(Of(environments, Job("1", 1, gpus: 1), Job("2", 1, gpus: 1))).Blocked!.JobId);
    }

    [Fact]
    public void Nothing_is_placed_on_an_environment_that_is_invalid_or_disabled()
    {
        var plan = Matcher.Match(Of(
            [Environment("invalid", Four, isValid: false), Environment("disabled", Four, isEnabled: false), Environment("good", Four)], Job("1", 4), Job("2", 4)));

        Assert.Equal([new("1", "good")], plan.Placements);
        Assert.Equal(new("2", UnplacedReason.NoFreeCapacity), plan.Blocked);
    }

    [Fact]
    public void A_round_ends_at_its_limit_without_looking_further()
    {
        var read = 0;
        var plan = Matcher.Match(new() { Runnable = Plenty(), Environments = [Environment("a", Needs(100, 100))], Limit = 3 });

        Assert.Equal(3, plan.Placements.Length);
        Assert.Null(plan.Blocked);
        Assert.Equal(3, read);

        IEnumerable<WaitingJob> Plenty()
        {
            while (read < 50)
            {
                yield return Job($"{++read}", 1);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_limit_left_places_nothing(int limit) =>
        Assert.Empty(Matcher.Match(Of([Environment("a", Four)], Job("1", 1)) with { Limit = limit }).Placements);

    [Fact]
    public void An_empty_queue_blocks_nothing() => Assert.Null(Matcher.Match(Of([Environment("a", Four)])).Blocked);

    public static TheoryData<string, UnplacedReason, EnvironmentSnapshot[]> WhyNot() => new()
    {
        // The job asks for 8 vCPUs, 32 GiB and 1 GPU.
        { "busy", UnplacedReason.NoFreeCapacity, [Environment("a", Needs(0), Needs(8, 32, 1))] },
        { "one of two is merely busy", UnplacedReason.NoFreeCapacity, [Environment("a", Needs(4)), Environment("b", Needs(0), Needs(64, 64, 8))] },
        { "too many vCPUs everywhere", UnplacedReason.ExceedsMaximumVcpus, [Environment("a", Needs(4, 64, 8)), Environment("b", Needs(7, 64, 8))] },
        { "too much memory", UnplacedReason.ExceedsResources, [Environment("a", Needs(64, 16, 8))] },
        { "no GPU", UnplacedReason.ExceedsResources, [Environment("a", Needs(64, 64))] },
        { "vCPUs here, memory there", UnplacedReason.ExceedsResources, [Environment("a", Needs(4, 64, 8)), Environment("b", Needs(64, 4, 8))] },
        { "all invalid", UnplacedReason.EnvironmentsInvalid, [Environment("a", Needs(64, 64, 8), isValid: false)] },
        { "all invalid and too small", UnplacedReason.EnvironmentsInvalid, [Environment("a", Needs(1), isValid: false)] },
        { "all disabled", UnplacedReason.EnvironmentsDisabled, [Environment("a", Needs(64, 64, 8), isEnabled: false)] },
        {
            "one disabled, one invalid", UnplacedReason.NoUsableEnvironment,
            [Environment("a", Needs(64, 64, 8), isEnabled: false), Environment("b", Needs(64, 64, 8), isValid: false)]
        },
        {
            "the only one large enough is disabled", UnplacedReason.NoUsableEnvironment,
            [Environment("a", Needs(4)), Environment("b", Needs(64, 64, 8), isEnabled: false)]
        },
        {
            "too large for all, one of them disabled", UnplacedReason.ExceedsMaximumVcpus,
            [Environment("a", Needs(4)), Environment("b", Needs(2), isEnabled: false)]
        },
        { "none at all", UnplacedReason.NoUsableEnvironment, [] },
    };

    [Theory]
    [MemberData(nameof(WhyNot))]
    public void The_head_says_why_it_waits(string because, UnplacedReason expected, EnvironmentSnapshot[] environments)
    {
        var plan = Matcher.Match(Of(environments, Job("head", 8, 32, gpus: 1)));

        Assert.True(plan.Blocked?.Reason == expected, $"{because}: {plan.Blocked?.Reason}");
    }

    [Theory]
    [InlineData(UnplacedReason.NoFreeCapacity, null)]
    [InlineData(
        UnplacedReason.ExceedsMaximumVcpus,
        "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE - CE(s) associated with the job queue cannot meet the CPU requirement of the job.")]
    [InlineData(
        UnplacedReason.ExceedsResources,
        "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT - The job resource requirement (vCPU/memory/GPU) is higher than that can be met by the CE(s) attached to the job queue.")]
    [InlineData(UnplacedReason.EnvironmentsInvalid, "ACTION_REQUIRED - CE(s) associated with the job queue are invalid.")]
    [InlineData(UnplacedReason.EnvironmentsDisabled, "UNDETERMINED - Batch job is blocked, root cause is undetermined.")]
    [InlineData(UnplacedReason.NoUsableEnvironment, "UNDETERMINED - Batch job is blocked, root cause is undetermined.")]
    public void Its_reason_is_told_in_the_services_words(UnplacedReason reason, string? expected) =>
        Assert.Equal(expected, reason.StatusReason());
}
