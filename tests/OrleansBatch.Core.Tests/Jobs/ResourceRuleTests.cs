using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class ResourceRuleTests
{
    [Theory]
    [InlineData("1", "4", null, 1000, 4, 0)]
    [InlineData("96", "1048576", "8", 96_000, 1_048_576, 8)]
    [InlineData("2.0", "512", null, 2000, 512, 0)]
    public void Needs_are_read_from_text(string vcpus, string memory, string? gpus, long millis, long memoryMiB, int gpuCount) =>
        Assert.Equal(
            new ResourceNeeds { VcpuMillis = millis, MemoryMiB = memoryMiB, Gpus = gpuCount },
            ResourceRules.NeedsOf(Asking(vcpus, memory, gpus), isFargate: false));

    [Theory]
    [InlineData(null, "256", null, "vCPU is required.")]
    [InlineData("1", null, null, "Memory is required.")]
    [InlineData("0", "256", null, "vCPU must be at least 1, got 0.")]
    [InlineData("0.25", "256", null, "vCPU must be at least 1, got 0.25.")]
    [InlineData("1.5", "256", null, "Value 1.5 for type VCPU in resourceRequirement is not valid. Please provide a numeric value.")]
    [InlineData("-1", "256", null, "Value -1 for type VCPU in resourceRequirement is not valid. Please provide a numeric value.")]
    [InlineData("1", "3", null, "Memory must be at least 4 MiB, got 3.")]
    [InlineData("1", "lots", null, "Value lots for type MEMORY in resourceRequirement is not valid. Please provide a numeric value.")]
    [InlineData("1", "256", "0", "Value 0 for type GPU in resourceRequirement is not valid. Please provide a numeric value.")]
    [InlineData("1", "256", "one", "Value one for type GPU in resourceRequirement is not valid. Please provide a numeric value.")]
    [InlineData("9999999999999999", "256", null, "Value 9999999999999999 for type VCPU in resourceRequirement is not valid. Please provide a numeric value.")]
    public void A_need_on_EC2_that_breaks_a_rule_is_refused(string? vcpus, string? memory, string? gpus, string expected) =>
        Assert.Equal(expected, Refusal(Asking(vcpus, memory, gpus), isFargate: false));

    [Theory]
    [InlineData("0.25", "512", 250)]
    [InlineData("0.25", "2048", 250)]
    [InlineData("0.5", "3072", 500)]
    [InlineData("1", "8192", 1000)]
    [InlineData("4.0", "30720", 4000)]
    [InlineData("8", "20480", 8000)]
    [InlineData("16", "122880", 16_000)]
    [InlineData("32", "249856", 32_000)]
    public void Fargate_has_its_pairs(string vcpus, string memory, long millis) =>
        Assert.Equal(millis, ResourceRules.NeedsOf(Asking(vcpus, memory), isFargate: true).VcpuMillis);

    [Theory]
    [InlineData("0.25", "1536", null, "Fargate resource requirements (VCPU 0.25, MEMORY 1536) are not a valid pair.")]
    [InlineData("1", "1024", null, "Fargate resource requirements (VCPU 1, MEMORY 1024) are not a valid pair.")]
    [InlineData("8", "17408", null, "Fargate resource requirements (VCPU 8, MEMORY 17408) are not a valid pair.")]
    [InlineData("32", "65536", null, "Fargate resource requirements (VCPU 32, MEMORY 65536) are not a valid pair.")]
    [InlineData("3", "8192", null, "Fargate vCPU must be one of 0.25, 0.5, 1, 2, 4, 8, 16, 32, got 3.")]
    [InlineData("0.2501", "512", null, "Fargate vCPU must be one of 0.25, 0.5, 1, 2, 4, 8, 16, 32, got 0.2501.")]
    [InlineData("1", "2048", "1", "GPU is not applicable for Fargate.")]
    public void Fargate_has_nothing_else(string vcpus, string memory, string? gpus, string expected) =>
        Assert.Equal(expected, Refusal(Asking(vcpus, memory, gpus), isFargate: true));

    [Fact]
    public void The_deprecated_forms_are_read_on_EC2_only_and_once()
    {
        var legacy = new ContainerProperties { Vcpus = 2, Memory = 512 };
        Assert.Equal(new ResourceNeeds { VcpuMillis = 2000, MemoryMiB = 512 }, ResourceRules.NeedsOf(legacy, isFargate: false));

        Assert.Equal("vcpus is not applicable for Fargate. Use resourceRequirements.", Refusal(legacy, isFargate: true));
        Assert.Equal(
            "Cannot use both memory and MEMORY in resourceRequirements.",
            Refusal(legacy with { ResourceRequirements = ADefinition.Needs(memory: "512") }, isFargate: false));
        Assert.Equal("vCPU must be at least 1, got 0.", Refusal(legacy with { Vcpus = 0 }, isFargate: false));
    }

    [Fact]
    public void A_type_is_one_of_three_and_given_once()
    {
        Assert.Equal(
            "Cannot provide duplicates in resourceRequirements.",
            Refusal(new() { ResourceRequirements = [.. ADefinition.Needs("1"), .. ADefinition.Needs("1")] }, isFargate: false));
        Assert.Equal(
            "Type 'DISK' in resourceRequirements is not valid. Valid types are: [VCPU, MEMORY, GPU].",
            Refusal(new() { ResourceRequirements = [new() { Type = "DISK", Value = "1" }] }, isFargate: false));
    }

    [Theory]
    [InlineData("a", "", null)]
    [InlineData("", "x", "Tag key '' must have 1 to 128 characters, got 0.")]
    [InlineData("aWs:a", "x", "Tag key 'aWs:a' begins with aws:, which is reserved.")]
    [InlineData("aws", "x", null)]
    [InlineData("a", null, "The value of tag 'a' must have 0 to 256 characters.")]
    public void Tags_have_a_form(string key, string? value, string? expected)
    {
        var refused = Record.Exception(() => TagRules.Check(new Dictionary<string, string> { [key] = value! }));

        Assert.Equal(expected, refused?.Message);
    }

    [Fact]
    public void Tags_have_a_length()
    {
        TagRules.Check(new Dictionary<string, string> { [new string('k', 128)] = new string('v', 256) });
        Assert.Throws<BatchClientException>(() => TagRules.Check(new Dictionary<string, string> { [new string('k', 129)] = "" }));
        Assert.Throws<BatchClientException>(() => TagRules.Check(new Dictionary<string, string> { ["k"] = new string('v', 257) }));
    }

    [Theory]
    [InlineData("A", "1", null)]
    [InlineData("aws_batch_x", null, null)]
    [InlineData("AWS_BATCHX", "1", "environment: the name AWS_BATCHX begins with AWS_BATCH, which is reserved.")]
    [InlineData("A=B", "1", "environment: an environment variable needs a name, without '='.")]
    [InlineData("A", "\0", "environment: the value of A must not contain a NUL character.")]
    public void Environment_variables_have_a_form(string name, string? value, string? expected)
    {
        var refused = Record.Exception(() => EnvironmentRules.Check([new() { Name = name, Value = value }], "environment"));

        Assert.Equal(expected, refused?.Message);
    }

    private static ContainerProperties Asking(string? vcpus, string? memory, string? gpus = null) =>
        new() { ResourceRequirements = ADefinition.Needs(vcpus, memory, gpus) };

    private static string Refusal(ContainerProperties container, bool isFargate) =>
        Assert.Throws<BatchClientException>(() => ResourceRules.NeedsOf(container, isFargate)).Message;
}
