using OrleansBatch.Core.Tags;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Tags;

public sealed class TaggedResourceTests
{
    private const string Ours = "arn:aws:batch:us-east-1:123456789012:";
    private const string Id = "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11";

    private static readonly Scope Scope = new("123456789012", "us-east-1");

    [Fact]
    public void Each_kind_that_carries_tags_is_known_by_its_arn()
    {
        Assert.Equal("q-1", Assert.IsType<TaggedResource.JobQueue>(Of(Ours + "job-queue/q-1")).Name);
        Assert.Equal("c_1", Assert.IsType<TaggedResource.ComputeEnvironment>(Of(Ours + "compute-environment/c_1")).Name);
        Assert.Equal(("d", 12), Assert.IsType<TaggedResource.JobDefinition>(Of(Ours + "job-definition/d:12")) switch { var d => (d.Name, d.Revision) });
        Assert.Equal("p-1", Assert.IsType<TaggedResource.SchedulingPolicy>(Of(Ours + "scheduling-policy/p-1")).Name);
        Assert.Equal("r-1", Assert.IsType<TaggedResource.ConsumableResource>(Of(Ours + "consumable-resource/r-1")).Name);
        Assert.Equal(Id, Assert.IsType<TaggedResource.Job>(Of(Ours + "job/" + Id)).JobId);
        Assert.IsType<TaggedResource.JobQueue>(TaggedResource.Of("arn:aws-cn:batch:cn-north-1:1:job-queue/q", new("1", "cn-north-1")));
    }

    [Theory]
    [InlineData(null, "resourceArn is required.")]
    [InlineData("", "resourceArn is required.")]
    [InlineData("q", "resourceArn 'q' is not the ARN of an AWS Batch resource.")]
    [InlineData("arn:aws:batch:us-east-1:123456789012", "resourceArn 'arn:aws:batch:us-east-1:123456789012' is not the ARN of an AWS Batch resource.")]
    [InlineData("arn:aws:sqs:us-east-1:123456789012:job-queue/q", "resourceArn 'arn:aws:sqs:us-east-1:123456789012:job-queue/q' is not the ARN of an AWS Batch resource.")]
    [InlineData(Ours + "job-queue", "resourceArn '" + Ours + "job-queue' is not the ARN of an AWS Batch resource.")]
    [InlineData(Ours + "/q", "resourceArn '" + Ours + "/q' is not the ARN of an AWS Batch resource.")]
    [InlineData(Ours + "planet/q", "resourceArn '" + Ours + "planet/q' is of no kind that carries tags.")]
    [InlineData("arn:aws:batch:eu-west-1:123456789012:job-queue/q", "Resource arn:aws:batch:eu-west-1:123456789012:job-queue/q does not exist")]
    [InlineData("arn:aws:batch:us-east-1:1:job-queue/q", "Resource arn:aws:batch:us-east-1:1:job-queue/q does not exist")]
    [InlineData("arn:aws-cn:batch:us-east-1:123456789012:job-queue/q", "Resource arn:aws-cn:batch:us-east-1:123456789012:job-queue/q does not exist")]
    [InlineData(Ours + "job-queue/a b", "Job queue " + Ours + "job-queue/a b does not exist")]
    [InlineData(Ours + "job-queue/q/quota-share/s", "Tags of a quota share is not available yet.")]
    [InlineData(Ours + "service-environment/p", "Tags of a service environment is not available yet.")]
    [InlineData(Ours + "service-job/" + Id, "Tags of a service job is not available yet.")]
    [InlineData(Ours + "job-definition/d:0x1", "Job definition " + Ours + "job-definition/d:0x1 does not exist")]
    [InlineData(Ours + "job-definition/d:99999999999", "Job definition " + Ours + "job-definition/d:99999999999 does not exist")]
    [InlineData(Ours + "job-definition/d", "resourceArn '" + Ours + "job-definition/d' names no revision: tags belong to one revision of a job definition.")]
    [InlineData(Ours + "job/nothing", "Job " + Ours + "job/nothing does not exist")]
    [InlineData(Ours + "job/" + Id + ":3", Ours + "job/" + Id + ":3 is one child of an array job: tags belong to the whole job.")]
    [InlineData(Ours + "job/" + Id + "#1", Ours + "job/" + Id + "#1 is one node of a multi-node parallel job: tags belong to the whole job.")]
    public void Everything_else_is_refused_by_name(string? arn, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<BatchClientException>(() => Of(arn)).Message);

    [Fact]
    public void A_very_long_arn_is_cut_in_the_message() =>
        Assert.InRange(Assert.ThrowsAny<BatchClientException>(() => Of(Ours + "job-queue/" + new string('x', 10_000))).Message.Length, 1, 300);

    private static TaggedResource Of(string? arn) => TaggedResource.Of(arn, Scope);
}
