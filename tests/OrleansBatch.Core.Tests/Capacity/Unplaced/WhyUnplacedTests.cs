using System.Collections.Immutable;
using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Capacity.Unplaced;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Core.Tests.Capacity.Scaling;
using OrleansBatch.Model;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Unplaced;

public sealed class WhyUnplacedTests
{
    private static readonly Host Full = Of("i-1", used: Needs(4, 4096));

    public static TheoryData<string, ResourceNeeds, EnvironmentOutlook> Lines() => new()
    {
        { "e: fits now on host i-1 (m5.xlarge)", Needs(4), Ec2("m5", hosts: Of("i-1")) },
        {
            "e: fits on host i-2 (m5.xlarge), which is ready at 2025-03-01T12:02:00Z",
            Needs(4), Ec2("m5", hosts: [Full, Host.Launch("i-2", Full.Type, PurchaseOption.OnDemand, Noon, TimeSpan.FromMinutes(2))])
        },
        {
            "e: m5.xlarge can be launched: lowest cost per vCPU (0.048 USD per hour), of 7 types that are large enough",
            Needs(4), Ec2("m5", hosts: Full)
        },
        {
            "e: fits m5.xlarge, but the one host that is large enough is busy, and 0 of maxvCpus 4 are left for new hosts; would help: maxvCpus ≥ 5",
            Needs(4), Ec2("m5", maxVcpus: 4, hosts: Full)
        },
        {
            "e: fits m5.xlarge, but the 2 hosts that are large enough are busy, and 1 of maxvCpus 9 are left for new hosts; would help: maxvCpus ≥ 12",
            Needs(4), Ec2("m5", AllocationStrategy.BestFit, 9, [Full, Full with { Id = "i-2" }])
        },
        { "e: needs 16 vCPUs, 1024 MiB, but maxvCpus is 8; would help: maxvCpus ≥ 16", Needs(16), Ec2("m5", maxVcpus: 8) },
        { "e: needs 2 vCPUs, 1024 MiB, but maxvCpus is 3; would help: maxvCpus ≥ 4", Needs(2), Ec2("m5.xlarge", AllocationStrategy.BestFit, 3) },
        {
            "e: needs 1 vCPU, 8192 MiB, but the largest type, m5.large, has 2 vCPUs, 7955 MiB; would help: instance type r5a.large, or memory ≤ 7955 MiB",
            Needs(1, 8192), Ec2("m5.large")
        },
        {
            "e: needs 8 vCPUs, 60000 MiB, but the largest type, m5.large, has 2 vCPUs, 7955 MiB, and maxvCpus is 4; would help: instance type r5a.2xlarge and maxvCpus ≥ 8",
            Needs(8, 60_000), Ec2("m5.large", maxVcpus: 4)
        },
        {
            "e: needs 1 vCPU, 1024 MiB, 1 GPU, but the largest type, m6g.16xlarge, has 64 vCPUs, 255558 MiB",
            Needs(1, 1024, 1), Ec2("m6g")
        },
        {
            "e: needs 64 vCPUs, 300000 MiB, but no type has all of it: at most 72 vCPUs, or 487187 MiB, or 0 GPUs; would help: instance type r5a.16xlarge, or memory ≤ 143737 MiB",
            Needs(64, 300_000), Ec2("c5.18xlarge x1e.4xlarge")
        },
        {
            "e: needs a host such as p3.2xlarge, and none is to be had; would help: other instance types, or an environment whose strategy is not BEST_FIT",
            Needs(1, 1024, 1), Short("p3.2xlarge", AllocationStrategy.BestFit)
        },
        { "e: is DISABLED; fits now on host i-1 (m5.xlarge); would help: state ENABLED", Needs(4), Ec2("m5", hosts: Of("i-1")) with { IsEnabled = false } },
        {
            "e: is INVALID; fits now on host i-1 (m5.xlarge); would help: an update that makes it VALID",
            Needs(4), Ec2("m5", hosts: Of("i-1")) with { IsValid = false }
        },
        { "e: fits now: 0 vCPUs of 4 are in use", Needs(2, 4096), Fargate(4) },
        { "e: needs 2 vCPUs, and of maxvCpus 3 are in use 2 vCPUs; would help: maxvCpus ≥ 4", Needs(2, 4096), Fargate(3, Micro(Needs(2, 4096))) },
        { "e: needs 4 vCPUs, but maxvCpus is 3; would help: maxvCpus ≥ 4", Needs(4, 8192), Fargate(3) },
        { "e: needs 1 vCPU, 2048 MiB, 1 GPU, Fargate has no GPUs; would help: an environment of EC2", Needs(1, 2048, 1), Fargate(3) },
        { "e: has no hosts; would help: a host in its cluster", Needs(1), new EnvironmentOutlook { Name = "e" } },
        {
            "e: needs 5 vCPUs, 1024 MiB, but the largest type, m5.xlarge, has 4 vCPUs, 15942 MiB; would help: a larger host in its cluster",
            Needs(5), new EnvironmentOutlook { Name = "e", Hosts = [Full] }
        },
        { "e: fits m5.xlarge, but the one host that is large enough is busy", Needs(1), new EnvironmentOutlook { Name = "e", Hosts = [Full] } },
    };

    [Theory]
    [MemberData(nameof(Lines))]
    public void Each_environment_says_why_and_what_would_help(string line, ResourceNeeds needs, EnvironmentOutlook environment) =>
        Assert.Equal(line, WhyUnplaced.Explain(needs, [environment], InstanceCatalogue.BuiltIn).Text);

    public static TheoryData<string, UnplacedReason, string?, EnvironmentOutlook[]> Queues() => new()
    {
        // The job asks for 8 vCPUs, 32 GiB.
        { "none", UnplacedReason.NoUsableEnvironment, "UNDETERMINED", [] },
        { "busy", UnplacedReason.NoFreeCapacity, null, [Ec2("r5", maxVcpus: 8, hosts: Of("i-1", "r5.2xlarge", Needs(8)))] },
        { "maximum", UnplacedReason.ExceedsMaximumVcpus, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", [Ec2("r5", maxVcpus: 7), Fargate(4)] },
        { "maximum of both, memory too", UnplacedReason.ExceedsMaximumVcpus, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", [Ec2("c5.large", maxVcpus: 7)] },
        { "types", UnplacedReason.ExceedsResources, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", [Ec2("m5.2xlarge"), Ec2("r5", maxVcpus: 7)] },
        { "one is possible, though disabled", UnplacedReason.NoUsableEnvironment, "UNDETERMINED", [Ec2("m5.2xlarge"), Ec2("r5") with { IsEnabled = false }] },
        { "all disabled", UnplacedReason.EnvironmentsDisabled, "UNDETERMINED", [Ec2("r5") with { IsEnabled = false }] },
        { "all invalid", UnplacedReason.EnvironmentsInvalid, "ACTION_REQUIRED", [Ec2("r5") with { IsValid = false }] },
        { "all invalid and too small", UnplacedReason.EnvironmentsInvalid, "ACTION_REQUIRED", [Ec2("m5.2xlarge") with { IsValid = false }] },
        { "no hosts yet", UnplacedReason.NoUsableEnvironment, "UNDETERMINED", [new EnvironmentOutlook { Name = "e" }] },
        { "shortage", UnplacedReason.NoFreeCapacity, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", [Short("r5.2xlarge"), Ec2("m5.2xlarge")] },
        { "shortage in one of two", UnplacedReason.NoFreeCapacity, null, [Short("r5.2xlarge"), Ec2("r5")] },
    };

    [Theory]
    [MemberData(nameof(Queues))]
    public void A_queue_is_blocked_for_one_reason(string because, UnplacedReason reason, string? prefix, EnvironmentOutlook[] environments)
    {
        var explanation = WhyUnplaced.Explain(Needs(8, 32 * 1024), [.. environments], InstanceCatalogue.BuiltIn);

        Assert.True(explanation.Reason == reason, $"{because}: {explanation.Reason}");
        Assert.Equal(prefix, explanation.StatusReason?.Split(" - ")[0]);
    }

    private static readonly Gen<EnvironmentOutlook> Environments = Gen.Select(
        Gen.Int[0, 6], Gen.Enum<AllocationStrategy>(), Gen.Int[0, 40], Gen.Bool, Gen.Bool, Gen.Int[0, 3],
        (kind, strategy, max, isEnabled, isValid, hosts) => (kind switch
        {
            0 => Fargate(max),
            1 => new EnvironmentOutlook { Name = "e" },
            _ => Ec2(new[] { "m5", "m5.large", "c5.4xlarge g4dn", "optimal", "m6g" }[kind - 2], strategy, max),
        }) with
        {
            IsEnabled = isEnabled,
            IsValid = isValid,
            Hosts = [.. Enumerable.Range(0, kind == 0 ? 0 : hosts).Select(host => Of($"i-{host}", host == 2 ? "m5.4xlarge" : "m5.large", Needs(host)))],
        });

    [Fact]
    public void A_job_is_called_misconfigured_only_if_no_environment_could_ever_take_it() => Gen.Select(
        Environments.Array[1, 3], Gen.Int[1, 40], Gen.Int[128, 80_000], Gen.Frequency((5, Gen.Const(0)), (1, Gen.Int[1, 5]))).Sample(
        (environments, vcpus, memory, gpus) =>
        {
            var needs = Needs(vcpus, memory, gpus);
            var explanation = WhyUnplaced.Explain(needs, [.. environments], InstanceCatalogue.BuiltIn);
            var isMisconfigured = explanation.Reason is UnplacedReason.ExceedsMaximumVcpus or UnplacedReason.ExceedsResources;
            var isPossible = environments.Any(environment => CouldTake(environment, needs));
            Assert.False(isMisconfigured && isPossible);
            Assert.Equal(!isPossible && environments.Any(environment => environment.IsValid) && !environments.Any(HasNoHosts), isMisconfigured);
            Assert.Equal(environments.Length, explanation.Text.Split('\n').Length);
        },
        iter: 10_000);

    private static bool HasNoHosts(EnvironmentOutlook environment) => environment is { Offer: null, FargateMaxVcpus: null, Hosts.IsEmpty: true };

    /// <summary>Tried out: the environment empty and switched on, with nothing else waiting.</summary>
    private static bool CouldTake(EnvironmentOutlook environment, ResourceNeeds needs)
    {
        if (environment.FargateMaxVcpus is { } max)
        {
            return FargateHosts.SizeFor(needs) is { } size
                && new HostLedger().TryReserveOwn(Reservation("1", needs), Micro(size), max);
        }

        var isOnHost = environment.Hosts.Any(host => host.Capacity.Covers(needs));
        return isOnHost || (environment.Offer is { } offer && offer.MaxVcpus >= needs.VcpuMillis / 1000
            && ScalingRules.Plan(new() { Offer = offer with { BidPercentage = 1000 }, Hosts = [], Waiting = [new(needs, 1)], Now = Noon }).Unmet.IsEmpty);
    }

    private static EnvironmentOutlook Ec2(
        string types, AllocationStrategy strategy = AllocationStrategy.BestFitProgressive, int maxVcpus = 256, params ImmutableArray<Host> hosts) =>
        new() { Name = "e", Offer = AnOffer.Of(types, strategy, maxVcpus), Hosts = hosts };

    private static EnvironmentOutlook Short(string type, AllocationStrategy strategy = AllocationStrategy.BestFitProgressive) =>
        Ec2(type) with { Offer = AnOffer.Of(type, strategy).Without(type) };

    private static EnvironmentOutlook Fargate(int max, params ImmutableArray<Host> hosts) => new() { Name = "e", FargateMaxVcpus = max, Hosts = hosts };

    private static Host Micro(ResourceNeeds size) =>
        Host.OfFargate(new("f", "FARGATE"), size, InstanceCatalogue.BuiltIn.Fargate.PriceOf(size, "FARGATE"), Noon);
}
