using System.Text;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Capacity.Instances;

public sealed class InstanceCatalogueTests
{
    private const string Type = """{ "type": "m5.large", "vcpus": 2, "memoryMiB": 8192, "usdPerHour": 0.1 }""";
    private const string Fargate = """{ "usdPerVcpuHour": 0.04, "usdPerGiBHour": 0.004, "spotDiscountPercent": 70 }""";

    [Theory]
    [InlineData("m5.large", 2, 8192, 7955, 0)]
    [InlineData("c5.9xlarge", 36, 73728, 71852, 0)]
    [InlineData("r6i.32xlarge", 128, 1048576, 1022329, 0)]
    [InlineData("g4dn.12xlarge", 48, 196608, 191660, 4)]
    [InlineData("p3.2xlarge", 8, 62464, 60870, 1)]
    [InlineData("p4d.24xlarge", 96, 1179648, 1150124, 8)]
    public void What_is_built_in_has_EC2s_sizes(string name, int vcpus, long memoryMiB, long registeredMiB, int gpus)
    {
        var type = InstanceCatalogue.BuiltIn.Find(name)!;

        Assert.Equal((vcpus, memoryMiB, registeredMiB, gpus), (type.Vcpus, type.MemoryMiB, type.RegisteredMemoryMiB, type.Gpus));
    }

    [Fact]
    public void What_is_built_in_is_sound() => Assert.All(InstanceCatalogue.BuiltIn.Types, type =>
    {
        Assert.InRange(type.RegisteredMemoryMiB, 1, type.MemoryMiB - 1);
        Assert.InRange(type.SpotUsdPerHour, 0.0001m, type.UsdPerHour);
        Assert.Equal(type.Gpus > 0, type.GpuModel is not null);
    });

    [Fact]
    public void Graviton_is_arm64_and_all_else_is_x86_64()
    {
        var arm = InstanceCatalogue.BuiltIn.Types.Where(type => type.Architecture == CpuArchitecture.Arm64).Select(type => type.Family).Distinct();

        Assert.Equal(["c6g", "c7g", "m6g", "m7g", "r6g", "r7g", "x2gd"], arm);
    }

    [Theory]
    [InlineData("optimal", "m6i c6i r6i c7i")]
    [InlineData("default_x86_64", "m6i c6i r6i c7i")]
    [InlineData("default_arm64", "m6g c6g r6g c7g")]
    [InlineData("g5", "g5")]
    public void Bundles_and_families_stand_for_all_their_sizes_but_whole_machines(string entry, string families)
    {
        var selection = InstanceCatalogue.BuiltIn.Resolve([entry]);

        Assert.Equal(families.Split(' '), selection.Choices.Select(choice => choice.Type.Family).Distinct());
        Assert.All(families.Split(' '), family => Assert.Equal(
            InstanceCatalogue.BuiltIn.Types.Count(type => type.Family == family && !type.IsMetal),
            selection.Choices.Count(choice => choice.Type.Family == family)));
        Assert.Empty(selection.Unknown);
    }

    [Fact]
    public void A_size_listed_singly_keeps_its_own_place()
    {
        var choices = InstanceCatalogue.BuiltIn.Resolve(["c4", "r5.metal", "c4.large", "c4"]).Choices;

        Assert.Equal(
            [("c4.xlarge", 0), ("c4.2xlarge", 0), ("c4.4xlarge", 0), ("c4.8xlarge", 0), ("r5.metal", 1), ("c4.large", 2)],
            choices.Select(choice => (choice.Type.Name, choice.Place)));
    }

    [Fact]
    public void What_the_catalogue_lacks_is_told_and_refused_for_a_new_environment()
    {
        Assert.Equal(["z9", "m5.huge"], InstanceCatalogue.BuiltIn.Resolve(["m5.large", "z9", "m5.huge"]).Unknown);
        var wrong = Assert.Throws<ValidationException>(() => InstanceCatalogue.BuiltIn.ResolveNew(["m5.large", "z9"]));
        Assert.Equal("Instance type z9 is not valid: the instance catalogue has no such size, family or bundle.", wrong.Message);
    }

    [Theory]
    [InlineData("m5", "m6g")]
    [InlineData("optimal", "c7g.large")]
    [InlineData("default_arm64", "t3.medium")]
    public void Architectures_are_not_mixed(string one, string other)
    {
        var wrong = Assert.Throws<ValidationException>(() => InstanceCatalogue.BuiltIn.ResolveNew([one, other]));
        Assert.Equal("instanceTypes of different CPU architectures can not be mixed.", wrong.Message);
    }

    [Fact]
    public void An_operators_file_says_as_much_as_it_wants()
    {
        var catalogue = Read($$"""
            {
              // The machines in the cellar.
              "instanceTypes": [
                {{Type}},
                {
                  "type": "box.big", "vcpus": 16, "memoryMiB": 65536, "registeredMemoryMiB": 60000, "gpus": 2, "gpuModel": "X",
                  "architecture": "arm64", "usdPerHour": 1, "spotUsdPerHour": 0.25, "interruption": ">20%",
                },
              ],
              "bundles": { "optimal": ["m5"] },
              "fargate": {{Fargate}},
            }
            """);

        Assert.Equal(
            new InstanceType
            {
                Name = "box.big",
                Vcpus = 16,
                MemoryMiB = 65536,
                RegisteredMemoryMiB = 60000,
                Gpus = 2,
                GpuModel = "X",
                Architecture = CpuArchitecture.Arm64,
                UsdPerHour = 1,
                SpotUsdPerHour = 0.25m,
                Interruption = InterruptionClass.Above20Percent,
            },
            catalogue.Find("box.big"));
        Assert.Equal(0.1m, catalogue.Find("m5.large")!.SpotUsdPerHour);
    }

    [Theory]
    [InlineData("""{ "type": "m5.large", "vcpus": "two" }""", "instanceTypes[0] (m5.large), memoryMiB: it is missing.")]
    [InlineData("""{ "type": "m5.large", "memoryMiB": 1.5 }""", "instanceTypes[0] (m5.large), memoryMiB: 1.5 must be a whole number between 1 and 1099511627776.")]
    [InlineData("""{ "type": "m5.large", "memoryMiB": 64, "usdPerHour": 1, "vcpus": "two" }""", "instanceTypes[0] (m5.large), vcpus: \"two\" must be a whole number.")]
    [InlineData("""{ "type": "m5.large", "memoryMiB": 64, "usdPerHour": 1, "vcpus": 0 }""", "instanceTypes[0] (m5.large), vcpus: 0 must be a whole number between 1 and 100000.")]
    [InlineData("""{ "type": "m5.large", "memoryMiB": 64, "usdPerHour": -1 }""", "instanceTypes[0] (m5.large), usdPerHour: -1 must be a number between 0 and 1000000.")]
    [InlineData("""{ "type": "m5.large", "memoryMiB": 64, "registeredMemoryMiB": 65 }""", "instanceTypes[0] (m5.large), registeredMemoryMiB: 65 must be a whole number between 0 and 64.")]
    [InlineData("""{ "type": "m5.large", "vcpu": 1 }""", "instanceTypes[0] (m5.large), vcpu: there is no such field; there are type, vcpus, memoryMiB, registeredMemoryMiB, gpus, gpuModel, architecture, usdPerHour, spotUsdPerHour, interruption.")]
    [InlineData("""{ "type": "large" }""", "instanceTypes[0] (large), type: \"large\" must be a family and a size, such as m5.large.")]
    [InlineData("""{ "vcpus": 1 }""", "instanceTypes[0], type: it is missing.")]
    [InlineData("""7""", "instanceTypes[0]: 7 must be an object.")]
    [InlineData(Type + "," + Type, "instanceTypes[1], type: m5.large is listed twice.")]
    [InlineData("""{ "type": "m5.large", "vcpus": 2, "memoryMiB": 8192, "usdPerHour": 1, "architecture": "vax" }""", "instanceTypes[0] (m5.large), architecture: \"vax\" must be one of x86_64, arm64.")]
    [InlineData("""{ "type": "m5.large", "vcpus": 2, "memoryMiB": 8192, "usdPerHour": 1, "interruption": "often" }""", "instanceTypes[0] (m5.large), interruption: \"often\" must be one of <5%, 5-10%, 10-15%, 15-20%, >20%.")]
    public void A_wrong_entry_is_named_with_its_field_and_value(string entries, string message)
    {
        var wrong = Assert.Throws<InstanceCatalogueException>(() => Read($$"""{ "instanceTypes": [{{entries}}], "bundles": {}, "fargate": {{Fargate}} }"""));
        Assert.Equal("Instance catalogue: " + message, wrong.Message);
    }

    [Theory]
    [InlineData("""{ "a": ["m6"] }""", Fargate, "bundles, a: \"m6\" is no family of instanceTypes.")]
    [InlineData("""{ "a": "m5" }""", Fargate, "bundles, a: \"m5\" must be a list.")]
    [InlineData("""{ "a": [5] }""", Fargate, "bundles, a: 5 must be a text.")]
    [InlineData("[]", Fargate, "bundles: [] must be an object.")]
    [InlineData("{}", """{ "usdPerVcpuHour": 1, "usdPerGiBHour": 1, "spotDiscountPercent": 101 }""", "fargate, spotDiscountPercent: 101 must be between 0 and 100.")]
    [InlineData("{}", """{ "usdPerVcpuHour": 1, "spotDiscountPercent": 1 }""", "fargate, usdPerGiBHour: it is missing.")]
    public void Wrong_bundles_and_prices_are_named(string bundles, string fargate, string message)
    {
        var wrong = Assert.Throws<InstanceCatalogueException>(() => Read($$"""{ "instanceTypes": [{{Type}}], "bundles": {{bundles}}, "fargate": {{fargate}} }"""));
        Assert.Equal("Instance catalogue: " + message, wrong.Message);
    }

    [Fact]
    public void What_is_not_JSON_says_where() =>
        Assert.StartsWith("Instance catalogue: it is not JSON: ", Assert.Throws<InstanceCatalogueException>(() => Read("{ x")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(1000, 2048, "FARGATE", 0.04937)]
    [InlineData(1000, 2048, "FARGATE_SPOT", 0.014811)]
    [InlineData(250, 512, "FARGATE", 0.0123425)]
    public void Fargate_costs_by_vCPU_and_GiB(long vcpuMillis, long memoryMiB, string type, double usd) =>
        Assert.Equal((decimal)usd, InstanceCatalogue.BuiltIn.Fargate.PriceOf(new() { VcpuMillis = vcpuMillis, MemoryMiB = memoryMiB }, type));

    [Theory]
    [InlineData(1000, 2048, 0, "1000/2048")]
    [InlineData(1500, 2048, 0, "2000/4096")]
    [InlineData(100, 3000, 0, "500/3072")]
    [InlineData(32000, 249856, 0, "32000/249856")]
    [InlineData(33000, 1024, 0, null)]
    [InlineData(1000, 2048, 1, null)]
    public void A_Fargate_host_is_the_smallest_pair_that_covers_its_job(long vcpuMillis, long memoryMiB, int gpus, string? expected)
    {
        var size = FargateHosts.SizeFor(new() { VcpuMillis = vcpuMillis, MemoryMiB = memoryMiB, Gpus = gpus });

        Assert.Equal(expected, size is { } pair ? $"{pair.VcpuMillis}/{pair.MemoryMiB}" : null);
    }

    private static InstanceCatalogue Read(string json) => InstanceCatalogueReader.Read(Encoding.UTF8.GetBytes(json));
}
