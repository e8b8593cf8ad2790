using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class OverridesTests
{
    [Fact]
    public void A_command_is_replaced_whole() =>
        Assert.Equal(["echo"], Under(ADefinition.Running("sleep", "1"), new() { Command = ["echo"] }).Container.Command!);

    [Fact]
    public void Environment_is_merged_by_name_in_the_definitions_order()
    {
        var definition = ADefinition.Running("true");
        definition = definition with { Container = definition.Container with { Environment = [Set("A", "1"), Set("B", "2")] } };

        var container = Under(definition, new() { Environment = [Set("C", "3"), Set("A", "9")] }).Container;

        Assert.Equal([Set("A", "9"), Set("B", "2"), Set("C", "3")], container.Environment!);
    }

    [Fact]
    public void Needs_are_merged_by_type()
    {
        var spec = Under(ADefinition.Running("true"), new() { ResourceRequirements = ADefinition.Needs(memory: "1024", gpus: "2") });

        Assert.Equal(new ResourceNeeds { VcpuMillis = 1000, MemoryMiB = 1024, Gpus = 2 }, spec.Needs);
    }

    [Fact]
    public void The_deprecated_forms_override_only_the_deprecated_forms()
    {
        var legacy = Under(ADefinition.Legacy(1, 256), new() { Vcpus = 2, Memory = 512 });
        Assert.Equal(new ResourceNeeds { VcpuMillis = 2000, MemoryMiB = 512 }, legacy.Needs);
        Assert.Equal((2, 512), (legacy.Container.Vcpus, legacy.Container.Memory));

        var modern = Under(ADefinition.Running("true"), new() { Vcpus = 2, Memory = 512 });
        Assert.Equal(new ResourceNeeds { VcpuMillis = 1000, MemoryMiB = 256 }, modern.Needs);
        Assert.Equal((null, null), (modern.Container.Vcpus, modern.Container.Memory));
    }

    [Fact]
    public void A_need_in_the_new_form_takes_the_place_of_the_deprecated_one()
    {
        var spec = Under(ADefinition.Legacy(1, 256), new() { ResourceRequirements = ADefinition.Needs("4") });

        Assert.Equal(new ResourceNeeds { VcpuMillis = 4000, MemoryMiB = 256 }, spec.Needs);
        Assert.Equal((null, 256), (spec.Container.Vcpus, spec.Container.Memory));
    }

    [Fact]
    public void The_deprecated_forms_are_not_for_Fargate() =>
        Assert.Equal(
            "containerOverrides.vcpus and containerOverrides.memory are not applicable for Fargate. Use resourceRequirements.",
            Assert.Throws<BatchClientException>(() => Under(ADefinition.OnFargate(), new() { Memory = 1024 })).Message);

    [Fact]
    public void Fargates_pairs_hold_after_the_overrides()
    {
        Assert.Equal(1024, Under(ADefinition.OnFargate(), new() { ResourceRequirements = ADefinition.Needs(memory: "1024") }).Needs.MemoryMiB);

        Assert.Equal(
            "Fargate resource requirements (VCPU 0.25, MEMORY 4096) are not a valid pair.",
            Assert.Throws<BatchClientException>(
                () => Under(ADefinition.OnFargate(), new() { ResourceRequirements = ADefinition.Needs(memory: "4096") })).Message);
    }

    [Theory]
    [InlineData("Ref::file", "in.txt")]
    [InlineData("--file=Ref::file", "--file=in.txt")]
    [InlineData("Ref::file,Ref::n", "in.txt,7")]
    // The longest name that has a value is meant; what follows stays.
    [InlineData("Ref::file.long", "LONG")]
    [InlineData("Ref::file.gz", "in.txt.gz")]
    [InlineData("Ref::n/Ref::n", "7/7")]
    // What comes in is not looked at again.
    [InlineData("Ref::nested", "Ref::file")]
    [InlineData("Ref::", "Ref::")]
    [InlineData("Ref:: file", "Ref:: file")]
    [InlineData("plain", "plain")]
    public void Parameters_take_the_place_of_references(string element, string expected)
    {
        Dictionary<string, string> parameters = new() { ["file"] = "in.txt", ["file.long"] = "LONG", ["n"] = "7", ["nested"] = "Ref::file" };

        Assert.Equal([expected], ParameterSubstitution.InCommand([element], parameters));
    }

    [Fact]
    public void A_reference_without_value_is_refused_by_its_name() =>
        Assert.Equal(
            "Unable to substitute value. No parameter found for reference nope",
            Assert.Throws<BatchClientException>(() => ParameterSubstitution.InCommand(["a=Ref::nope"], new Dictionary<string, string>())).Message);

    [Fact]
    public void Submitted_parameters_go_over_the_definitions_key_by_key()
    {
        var definition = ADefinition.Running("echo", "Ref::a", "Ref::b") with
        {
            Parameters = new Dictionary<string, string> { ["a"] = "1", ["b"] = "2" },
        };

        var spec = ASubmission.Spec(definition, request => request with { Parameters = new Dictionary<string, string> { ["b"] = "9" } });

        Assert.Equal(["echo", "1", "9"], spec.Container.Command!);
        Assert.Equal(("1", "9"), (spec.Parameters["a"], spec.Parameters["b"]));
    }

    [Fact]
    public void Environment_values_are_not_substituted() =>
        Assert.Equal("Ref::x", Under(ADefinition.Running("true"), new() { Environment = [Set("A", "Ref::x")] }).Container.Environment![0].Value);

    private static JobSpec Under(JobDefinition definition, ContainerOverrides overrides) =>
        ASubmission.Spec(definition, request => request.With(overrides));

    private static EnvironmentVariable Set(string name, string value) => new() { Name = name, Value = value };
}
