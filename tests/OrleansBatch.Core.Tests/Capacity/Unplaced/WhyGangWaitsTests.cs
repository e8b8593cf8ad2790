using System.Collections.Immutable;
using CsCheck;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Capacity.Unplaced;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Core.Tests.Capacity.Hosts;
using OrleansBatch.Core.Tests.Capacity.Scaling;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Tests.Capacity.Hosts.AHost;

namespace OrleansBatch.Core.Tests.Capacity.Unplaced;

/// <summary>Why a multi-node parallel job waits.</summary>
public sealed class WhyGangWaitsTests
{
    private static readonly Host Coming = Host.Launch("i-9", Of("x", "m5.large").Type, PurchaseOption.OnDemand, Noon, TimeSpan.FromMinutes(2));

    public static TheoryData<string, GangNeeds, EnvironmentOutlook> Lines() => new()
    {
        { "e: fits now on 2 idle hosts of m5.large", AGang.Of(2), Ec2("m5", hosts: [Idle("1"), Idle("2"), Coming]) },
        { "e: fits on 3 hosts of m5.large, the last of which is ready at 2025-03-01T12:02:00Z", AGang.Of(3), Ec2("m5", hosts: [Idle("1"), Idle("2"), Coming]) },
        {
            "e: 4 m5.large can be launched: lowest cost per vCPU (0.048 USD per hour), of 8 types that are large enough",
            AGang.Of(4), Ec2("m5", hosts: Busy("1"))
        },
        {
            "e: 1 m5.large beside 3 idle hosts can be launched: lowest cost per vCPU (0.048 USD per hour), of 8 types that are large enough",
            AGang.Of(4), Ec2("m5", hosts: [Idle("1"), Idle("2"), Coming])
        },
        {
            "e: needs 4 idle hosts of one type at once, has 2 of m5.large, and 2 of maxvCpus 8 are left for new hosts; would help: maxvCpus ≥ 10",
            AGang.Of(4), Ec2("m5", maxVcpus: 8, hosts: [Idle("1"), Idle("2"), Busy("3")])
        },
        {
            "e: needs 4 idle hosts of m5.large at once, has 1 of m5.large and 1 that is coming, and 0 of maxvCpus 8 are left for new hosts; would help: maxvCpus ≥ 12",
            AGang.Of(4, type: "m5.large"), Ec2("m5", maxVcpus: 8, hosts: [Idle("1"), Coming, Of("2", "m5.xlarge", Needs(1))])
        },
        {
            "e: needs 1 idle host of one type at once, has none, and 0 of maxvCpus 2 are left for new hosts; would help: maxvCpus ≥ 4",
            AGang.Of(1), Ec2("m5", maxVcpus: 2, hosts: Busy("1"))
        },
        {
            "e: needs 1 host of m5.large beside 1 idle host at once, and none is to be had; would help: instance types of another family",
            AGang.Of(2), Short("m5.large", AllocationStrategy.BestFitProgressive, Idle("1"))
        },
        {
            "e: needs 2 hosts of m5.large at once, and none is to be had; would help: other instance types, or an environment whose strategy is not BEST_FIT",
            AGang.Of(2), Short("m5.large", AllocationStrategy.BestFit)
        },
        {
            "e: needs 4 hosts, of which each has 2 vCPUs or more, but maxvCpus is 6; would help: maxvCpus ≥ 8, or nodes ≤ 3",
            AGang.Of(4), Ec2("m5", maxVcpus: 6)
        },
        { "e: needs 4 hosts, of which each has 2 vCPUs or more, but maxvCpus is 1; would help: maxvCpus ≥ 8", AGang.Of(4), Ec2("m5", maxVcpus: 1) },
        {
            "e: each node needs 1 vCPU, 8192 MiB, but the largest type, m5.large, has 2 vCPUs, 7955 MiB; would help: instance type r5a.large, or memory ≤ 7955 MiB",
            AGang.Of(4, 1, 8192), Ec2("m5.large")
        },
        {
            "e: each node needs 1 vCPU, 8192 MiB, but the largest type, m5.large, has 2 vCPUs, 7955 MiB; would help: memory ≤ 7955 MiB",
            AGang.Of(4, 1, 8192, "m5.large"), Ec2("m5")
        },
        { "e: needs instance type c5.large, which is not one of its own; would help: instance type c5.large", AGang.Of(4, type: "c5.large"), Ec2("m5") },
        { NotTaken, AGang.Of(2), Ec2("m5", AllocationStrategy.SpotCapacityOptimized, hosts: [Idle("1"), Idle("2")]) },
        { NotTaken, AGang.Of(1), new EnvironmentOutlook { Name = "e", Hosts = [OfSize("machine", Needs(8))] } },
        { NotTaken, AGang.Of(1), new EnvironmentOutlook { Name = "e", FargateMaxVcpus = 64 } },
        { "e: is DISABLED; fits now on 1 idle host of m5.large; would help: state ENABLED", AGang.Of(1), Ec2("m5", hosts: Idle("1")) with { IsEnabled = false } },
    };

    private const string NotTaken = "e: takes no multi-node parallel jobs, for it is not a managed one of EC2 on demand; would help: an environment of type EC2";

    [Theory]
    [MemberData(nameof(Lines))]
    public void Each_environment_says_why_and_what_would_help(string line, GangNeeds gang, EnvironmentOutlook environment) =>
        Assert.Equal(line, WhyUnplaced.Explain(default, [environment], InstanceCatalogue.BuiltIn, gang).Text);

    public static TheoryData<string, UnplacedReason, string?, EnvironmentOutlook[]> Queues() => new()
    {
        // The job asks for 4 hosts of 2 vCPUs, 4 GiB.
        { "busy", UnplacedReason.NoFreeCapacity, null, [Ec2("m5", maxVcpus: 8, hosts: Busy("1")), Ec2("m5.large", maxVcpus: 7)] },
        { "maximum", UnplacedReason.ExceedsMaximumVcpus, "MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", [Ec2("m5", maxVcpus: 7), Ec2("r5", maxVcpus: 4)] },
        { "maximum here, type there", UnplacedReason.ExceedsResources, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", [Ec2("m5", maxVcpus: 7), Ec2("c5.large")] },
        { "none takes it", UnplacedReason.ExceedsResources, "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", [new EnvironmentOutlook { Name = "e" }, Ec2("m5", AllocationStrategy.SpotCapacityOptimized)] },
        { "the only one is disabled", UnplacedReason.NoUsableEnvironment, "UNDETERMINED", [new EnvironmentOutlook { Name = "e" }, Ec2("m5") with { IsEnabled = false }] },
        { "shortage", UnplacedReason.NoFreeCapacity, "CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY", [Short("m5.large"), Ec2("m5", maxVcpus: 7)] },
        { "shortage in one of two", UnplacedReason.NoFreeCapacity, null, [Short("m5.large"), Ec2("m5")] },
    };

    [Theory]
    [MemberData(nameof(Queues))]
    public void A_queue_is_blocked_for_one_reason(string because, UnplacedReason reason, string? prefix, EnvironmentOutlook[] environments)
    {
        var explanation = WhyUnplaced.Explain(default, [.. environments], InstanceCatalogue.BuiltIn, AGang.Of(4, 2, 4096));

        Assert.True(explanation.Reason == reason, $"{because}: {explanation.Reason}");
        Assert.Equal(prefix, explanation.StatusReason?.Split(" - ")[0]);
    }

    [Fact]
    public void Its_environments_say_so_on_the_wire() => Assert.Equal(
        "NOT_TAKEN", HostDescriptions.Describe(WhyUnplaced.Explain(default, [new EnvironmentOutlook { Name = "e" }], InstanceCatalogue.BuiltIn, AGang.Of(1)).Environments[0]).Outlook);

    [Fact]
    public void What_is_said_is_what_the_other_rules_do() => Gen.Select(
        Gen.Int[0, 5], Gen.Bool, Gen.Int[0, 24], Gen.Int[1, 5], Gen.Int[1, 4], Gen.Int[0, 5].Array[0, 6]).Sample(
        (types, isBestFit, max, nodes, vcpus, hosts) =>
        {
            var gang = AGang.Of(nodes, vcpus, 2048, types == 5 ? "m5.xlarge" : null);
            var environment = Ec2(
                new[] { "m5", "m5.large", "c5 m5", "optimal", "c5.large", "m5" }[types],
                isBestFit ? AllocationStrategy.BestFit : AllocationStrategy.BestFitProgressive,
                max,
                [.. hosts.Select((kind, index) => kind switch
                {
                    < 3 => Of($"{index}", kind == 0 ? "m5.large" : "m5.xlarge"),
                    3 => Coming with { Id = $"{index}" },
                    _ => Of($"{index}", "m5.xlarge", Needs(1)),
                })]);
            var ledger = new HostLedger();
            foreach (var host in environment.Hosts)
            {
                ledger.Add(host);
                _ = host.Reservations > 0 && ledger.Hold(Reservation(host.Id, host.Used), host.Id);
            }

            var explained = Assert.Single(WhyUnplaced.Explain(default, [environment], InstanceCatalogue.BuiltIn, gang).Environments);
            var plan = ScalingRules.Plan(environment.Offer!.Waiting(gang) with { Hosts = environment.Hosts, Now = Noon });
            var isPossible = CapacityOffers.OutlookOf(environment.Offer, gang) == GangOutlook.Possible;

            Assert.Equal(ledger.TryReserveGang(gang.Reservations("gang"), gang).Length > 0, explained.Outlook == JobOutlook.FitsNow);
            Assert.Equal(plan.Unmet.IsEmpty, explained.Outlook is JobOutlook.FitsNow or JobOutlook.HostIsComing or JobOutlook.HostCanBeLaunched);
            Assert.Equal(!plan.Launches.IsEmpty, explained.Outlook == JobOutlook.HostCanBeLaunched);
            Assert.False(explained.IsImpossible && (isPossible || plan.Unmet.IsEmpty));
            Assert.True(isPossible || explained.Outlook is not (JobOutlook.HostCanBeLaunched or JobOutlook.Shortage));
        },
        iter: 20_000);

    [Fact]
    public void A_node_has_its_host_for_itself()
    {
        var placement = new JobPlacement { Environment = "e", Epoch = 1, ReservationId = "1-1", NodeId = "n", Incarnation = "1", TaskArn = "t", LogStream = "l", Host = "i-1" };
        var host = HostDescriptions.Describe(Idle("i-1"), isReal: false, "cheapest", null, null, Noon);

        Assert.Equal(
            "It has host i-1 (m5.large) of compute environment e for itself, as each node of its job has one of this type. The host was launched as cheapest.",
            PlacementTexts.IsPlaced(placement, host, isNode: true));
        Assert.Equal("It is on host i-1 of compute environment e.", PlacementTexts.IsPlaced(placement, null, isNode: true));
    }

    private static Host Idle(string id) => Of(id, "m5.large");

    private static Host Busy(string id) => Of(id, "m5.large", Needs(1));

    private static EnvironmentOutlook Ec2(
        string types, AllocationStrategy strategy = AllocationStrategy.BestFitProgressive, int maxVcpus = 256, params ImmutableArray<Host> hosts) =>
        new() { Name = "e", Offer = AnOffer.Of(types, strategy, maxVcpus), Hosts = hosts };

    private static EnvironmentOutlook Short(string type, AllocationStrategy strategy = AllocationStrategy.BestFitProgressive, params ImmutableArray<Host> hosts) =>
        new() { Name = "e", Offer = AnOffer.Of(type, strategy).Without(type), Hosts = hosts };
}
