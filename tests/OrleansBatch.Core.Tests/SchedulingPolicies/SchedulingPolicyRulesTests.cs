using OrleansBatch.Core.SchedulingPolicies;
using OrleansBatch.Model;
using OrleansBatch.Model.SchedulingPolicies;

namespace OrleansBatch.Core.Tests.SchedulingPolicies;

public sealed class SchedulingPolicyRulesTests
{
    private const string Arn = "arn:aws:batch:us-east-1:123456789012:scheduling-policy/p";

    private static readonly Scope Here = new("123456789012", "us-east-1");

    private static readonly CreateSchedulingPolicyRequest Good = new() { Name = "p", FairsharePolicy = Shares(("A", 1), ("B*", 0.5)) };

    public static TheoryData<string, CreateSchedulingPolicyRequest> Refused => new()
    {
        { "Scheduling policy name should match a valid pattern.", Good with { Name = null } },
        { "Scheduling policy name should match a valid pattern.", Good with { Name = "a b" } },
        { "Scheduling policy name should match a valid pattern.", Good with { Name = new('a', 129) } },
        { "A resource can have at most 50 tags, got 51.", Good with { Tags = Enumerable.Range(0, 51).ToDictionary(i => $"k{i}", _ => "") } },
        { "A scheduling policy can have either fairsharePolicy or quotaSharePolicy", Good with { QuotaSharePolicy = new("{}") } },
        { "quotaSharePolicy: quota shares are not supported yet.", new() { Name = "p", QuotaSharePolicy = new("""{"idleResourceAssignmentStrategy":"FIFO"}""") } },
        { "shareDecaySeconds is -1, it must be between 0 and 604800.", Good with { FairsharePolicy = new() { ShareDecaySeconds = -1 } } },
        { "shareDecaySeconds is 604801, it must be between 0 and 604800.", Good with { FairsharePolicy = new() { ShareDecaySeconds = 604_801 } } },
        { "computeReservation is -1, it must be between 0 and 99.", Good with { FairsharePolicy = new() { ComputeReservation = -1 } } },
        { "computeReservation is 100, it must be between 0 and 99.", Good with { FairsharePolicy = new() { ComputeReservation = 100 } } },
        { "ShareDistribution size cannot be greater than 500.", Good with { FairsharePolicy = Shares([.. Enumerable.Range(0, 501).Select(i => ($"s{i}", 1.0))]) } },
        { "ShareIdentifier name should match a valid pattern.", Good with { FairsharePolicy = Shares(("*", 1)) } },
        { "ShareIdentifier name should match a valid pattern.", Good with { FairsharePolicy = Shares(("a*b", 1)) } },
        { "ShareIdentifier name should match a valid pattern.", Good with { FairsharePolicy = Shares(("a b", 1)) } },
        { "ShareIdentifier name should match a valid pattern.", Good with { FairsharePolicy = Shares((new string('a', 255) + "*", 1)) } },
        { "ShareIdentifier name should match a valid pattern.", Good with { FairsharePolicy = new() { ShareDistribution = [new()] } } },
        { "Weight factor should be between 0.0001 and 999.9999.", Good with { FairsharePolicy = Shares(("a", 0.00009)) } },
        { "Weight factor should be between 0.0001 and 999.9999.", Good with { FairsharePolicy = Shares(("a", 1000)) } },
        { "Weight factor should be between 0.0001 and 999.9999.", Good with { FairsharePolicy = Shares(("a", double.NaN)) } },
        { "Cannot have two or more identical shareIdentifiers.", Good with { FairsharePolicy = Shares(("a", 1), ("b", 1), ("a", 2)) } },
        { "Share identifier ab matches another share identifier a*", Good with { FairsharePolicy = Shares(("ab", 1), ("a*", 1)) } },
        { "Share identifier a matches another share identifier a*", Good with { FairsharePolicy = Shares(("a", 1), ("a*", 1)) } },
        { "Share identifier ab* matches another share identifier a*", Good with { FairsharePolicy = Shares(("a*", 1), ("ab*", 1)) } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_policy_that_breaks_a_rule_is_refused_with_the_services_text(string text, CreateSchedulingPolicyRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.Create(request, Here)).Message);

    [Fact]
    public void What_is_not_given_has_its_default_in_what_is_described()
    {
        var policy = SchedulingPolicyRules.Describe(SchedulingPolicyRules.Create(
            new() { Name = "p", FairsharePolicy = new() { ShareDistribution = [new() { ShareIdentifier = "a" }] } }, Here));

        Assert.Equal((Arn, 0, 0), (policy.Arn, policy.FairsharePolicy.ShareDecaySeconds, policy.FairsharePolicy.ComputeReservation));
        Assert.Equal([("a", 1.0)], policy.FairsharePolicy.ShareDistribution!.Select(share => (share.ShareIdentifier!, share.WeightFactor!.Value)));
    }

    [Fact]
    public void With_neither_policy_it_is_fair_share_with_its_defaults() =>
        Assert.Empty(SchedulingPolicyRules.Create(new() { Name = "p" }, Here).FairsharePolicy.ShareDistribution!);

    [Fact]
    public void An_update_replaces_the_whole_policy_or_leaves_it()
    {
        var policy = SchedulingPolicyRules.Create(Good with { FairsharePolicy = Shares(("A", 1)) with { ComputeReservation = 5 } }, Here);

        var replaced = SchedulingPolicyRules.Update(policy, new() { FairsharePolicy = new() { ShareDecaySeconds = 7 } });

        Assert.Equal((7, 0, 0), (replaced.FairsharePolicy.ShareDecaySeconds, replaced.FairsharePolicy.ComputeReservation, replaced.FairsharePolicy.ShareDistribution!.Count));
        Assert.Same(policy, SchedulingPolicyRules.Update(policy, new()));
        Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.Update(policy, new() { QuotaSharePolicy = new("{}") }));
        Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.Update(policy, new() { FairsharePolicy = new() { ComputeReservation = 100 } }));
    }

    [Fact]
    public void A_policy_that_a_queue_uses_is_not_deleted()
    {
        var policy = SchedulingPolicyRules.Create(Good, Here);

        SchedulingPolicyRules.CheckDelete(policy, isUsed: false);
        Assert.Equal(
            "Cannot delete, scheduling policy p is used by a job queue.",
            Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.CheckDelete(policy, isUsed: true)).Message);
    }

    [Fact]
    public void Policies_are_meant_by_the_arns_of_this_scope()
    {
        Assert.Equal("p", SchedulingPolicyRules.NameOf(Arn, Here));
        Assert.Equal("arn is required.", Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.NameOf("", Here)).Message);
        Assert.Contains("does not exist", Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.NameOf(Arn, new("1", "us-east-1"))).Message, StringComparison.Ordinal);
        Assert.Equal(["p"], SchedulingPolicyRules.Described(new() { Arns = [Arn, Arn.Replace("us-east-1", "eu-west-1", StringComparison.Ordinal), Arn] }, Here));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void One_to_a_hundred_policies_are_described_at_once(int count) => Assert.Equal(
        $"arns has {count} entries, 1 to 100 are required.",
        Assert.Throws<BatchClientException>(() => SchedulingPolicyRules.Described(new() { Arns = [.. Enumerable.Repeat(Arn, count)] }, Here)).Message);

    private static FairsharePolicy Shares(params (string Identifier, double Weight)[] shares) =>
        new() { ShareDistribution = [.. shares.Select(share => new ShareAttributes { ShareIdentifier = share.Identifier, WeightFactor = share.Weight })] };
}
