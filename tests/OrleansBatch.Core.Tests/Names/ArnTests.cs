using OrleansBatch.Core.Names;
using OrleansBatch.Core.Tests.Jobs;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Names;

public sealed class ArnTests
{
    [Theory]
    [InlineData("local", true)]
    [InlineData("A_b-9", true)]
    [InlineData("_x", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("a\n", false)]
    [InlineData("ä", false)]
    public void A_name_is_letters_digits_dash_and_underscore(string? name, bool expected) => Assert.Equal(expected, ResourceNames.IsValid(name));

    [Fact]
    public void A_name_has_at_most_128_characters()
    {
        Assert.True(ResourceNames.IsValid(new string('a', 128)));
        Assert.False(ResourceNames.IsValid(new string('a', 129)));
        Assert.True(ResourceNames.IsValidJobName(new string('a', 128)));
        Assert.False(ResourceNames.IsValidJobName(new string('a', 129)));
    }

    [Theory]
    [InlineData("9a-_", true)]
    [InlineData("-a", false)]
    [InlineData("_a", false)]
    [InlineData("a.b", false)]
    public void A_jobs_name_begins_with_a_letter_or_digit(string name, bool expected) => Assert.Equal(expected, ResourceNames.IsValidJobName(name));

    [Theory]
    [InlineData("0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11", true)]
    [InlineData("0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11:3", true)]
    [InlineData("0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11#2", true)]
    [InlineData("0A8C2F6E-3F5B-4A52-9D0A-6C1F0F2B7D11", false)]
    [InlineData("0a8c2f6e3f5b4a529d0a6c1f0f2b7d11", false)]
    [InlineData("0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11:", false)]
    [InlineData("job", false)]
    public void An_id_is_a_lower_case_UUID_with_child_or_node(string id, bool expected) => Assert.Equal(expected, ResourceNames.IsJobId(id));

    [Fact]
    public void ARNs_carry_partition_region_and_account()
    {
        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:job-queue/q", Arns.JobQueue(AJob.Home, "q"));
        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:compute-environment/c", Arns.ComputeEnvironment(AJob.Home, "c"));
        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:job-definition/d:3", Arns.JobDefinition(AJob.Home, "d", 3));
        Assert.Equal($"arn:aws:batch:eu-central-1:123456789012:job/{AJob.Id}", Arns.Job(AJob.Home, AJob.Id));
        Assert.Equal("arn:aws-cn:ecs:cn-north-1:1:task/c/t", Arns.EcsTask(new("1", "cn-north-1"), "c", "t"));
        Assert.Equal("arn:aws-us-gov:ecs:us-gov-west-1:1:container-instance/c/i", Arns.EcsContainerInstance(new("1", "us-gov-west-1"), "c", "i"));
        Assert.Equal("arn:aws:ecs:eu-central-1:123456789012:cluster/c", Arns.EcsCluster(AJob.Home, "c"));
    }

    [Theory]
    [InlineData("q")]
    [InlineData("arn:aws:batch:eu-central-1:123456789012:job-queue/q")]
    public void A_name_or_ARN_field_takes_either(string text) => Assert.Equal("q", Arns.NameOf(ResourceKind.JobQueue, text, AJob.Home));

    [Theory]
    [InlineData("arn:aws:batch:us-east-1:123456789012:job-queue/q")]
    [InlineData("arn:aws:batch:eu-central-1:999999999999:job-queue/q")]
    [InlineData("arn:aws:batch:eu-central-1:123456789012:compute-environment/q")]
    [InlineData("arn:aws:batch:eu-central-1:123456789012:job-queue/q/quota-share/s")]
    [InlineData("no name")]
    public void What_is_of_another_scope_or_kind_does_not_exist(string text)
    {
        var refused = Assert.Throws<BatchClientException>(() => Arns.NameOf(ResourceKind.JobQueue, text, AJob.Home));

        Assert.Equal($"Job queue {text} does not exist", refused.Message);
        Assert.Null(Arns.FindName(ResourceKind.JobQueue, text, AJob.Home));
    }

    [Fact]
    public void Environments_are_named_as_such() =>
        Assert.Equal(
            "Compute environment arn:aws:x does not exist",
            Assert.Throws<BatchClientException>(() => Arns.NameOf(ResourceKind.ComputeEnvironment, "arn:aws:x", AJob.Home)).Message);
}
