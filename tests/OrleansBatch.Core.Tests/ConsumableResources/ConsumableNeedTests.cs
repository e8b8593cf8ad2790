using OrleansBatch.Core.ConsumableResources;
using OrleansBatch.Core.Listings;
using OrleansBatch.Core.Tests.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.ConsumableResources;

public sealed class ConsumableNeedTests
{
    private const string Ours = "arn:aws:batch:eu-central-1:123456789012:consumable-resource/";

    public static TheoryData<string, ConsumableResourceProperties> Refused => new()
    {
        { "m has 6 consumable resources, at most 5 are allowed.", Of([.. Enumerable.Range(0, 6).Select(i => ($"r{i}", (long?)1))]) },
        { "Each entry of m.consumableResourceList needs consumableResource and quantity.", Of(("r", null)) },
        { "Each entry of m.consumableResourceList needs consumableResource and quantity.", Of((null, 1)) },
        { "m: consumableResource 'a b' is neither a name nor an ARN of a consumable resource.", Of(("a b", 1)) },
        { "m: consumableResource 'arn:aws:batch:x' is neither a name nor an ARN of a consumable resource.", Of(("arn:aws:batch:x", 1)) },
        { "m: quantity is -1, it must be at least 0.", Of(("r", -1)) },
        { "m names a consumable resource twice.", Of(("r", 1), ("r", 2)) },
        { "m names a consumable resource twice.", Of(("r", 1), (Ours + "r", 2)) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_list_that_breaks_a_rule_is_refused(string text, ConsumableResourceProperties list) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => ConsumableNeeds.Check(list, "m")).Message);

    [Fact]
    public void A_submission_overrides_quantities_resource_by_resource()
    {
        Assert.Equal("a 1, b 5, c 3", Merged(Of(("a", 1), ("b", 2)), Of((Ours + "b", 5), ("c", 3))));
        Assert.Equal("a 1", Merged(Of(("a", 1)), null));
        Assert.Equal("a 0", Merged(null, Of((Ours + "a", 0))));
        Assert.Equal("", Merged(null, new()));
    }

    [Fact]
    public void A_job_needs_at_most_five_resources_of_its_own_scope()
    {
        Assert.Equal(
            "The job needs 6 consumable resources, at most 5 are allowed.",
            Assert.Throws<BatchClientException>(() => Merged(Of(("a", 1), ("b", 1), ("c", 1)), Of(("d", 1), ("e", 1), ("f", 1)))).Message);
        Assert.Equal(
            "Consumable resource arn:aws:batch:us-east-1:123456789012:consumable-resource/a does not exist",
            Assert.Throws<BatchClientException>(() => Merged(Of(("arn:aws:batch:us-east-1:123456789012:consumable-resource/a", 1)), null)).Message);
    }

    [Fact]
    public void A_job_is_described_with_what_it_needs()
    {
        var job = ASubmission.Record(AJob.In(JobStatus.Running), ASubmission.Spec() with { ConsumableResources = ConsumableNeeds.Merge(Of(("a", 1), ("b", 2)), null, AJob.Home) });

        var listed = ConsumableJobs.Describe(job, "b");

        Assert.Equal((2L, "RUNNING", "arn:aws:batch:eu-central-1:123456789012:job-queue/default"), (listed.Quantity, listed.JobStatus, listed.JobQueueArn));
        Assert.Equal([Ours + "a", Ours + "b"], listed.ConsumableResourceProperties.ConsumableResourceList!.Select(one => one.ConsumableResource));
        Assert.Equal(2, Core.Jobs.JobDescriptions.Detail(job).ConsumableResourceProperties!.ConsumableResourceList!.Count);
        Assert.Throws<ArgumentException>(() => ConsumableJobs.Describe(job, "c"));
        Assert.Null(Core.Jobs.JobDescriptions.Detail(ASubmission.Record(AJob.In(JobStatus.Running))).ConsumableResourceProperties);
    }

    [Fact]
    public void Jobs_of_a_resource_are_listed_by_status_and_name()
    {
        var plan = ConsumableJobs.List(
            new() { ConsumableResource = Ours + "a", Filters = [Filter("JOB_STATUS", "running"), Filter("JOB_NAME", "Ab*")], MaxResults = 7 }, AJob.Home);

        Assert.Equal(("a", JobStatus.Running, new NamePattern("Ab", true), 7), (plan.ResourceName, plan.Status, plan.JobName, plan.Limit));
        var token = plan.NextToken("cursor");
        Assert.Throws<BatchClientException>(() => ConsumableJobs.List(new() { ConsumableResource = "a", NextToken = token }, AJob.Home));
        Assert.Equal((null, null, 100), ConsumableJobs.List(new() { ConsumableResource = "a" }, AJob.Home) switch { var all => (all.Status, all.JobName, all.Limit) });
    }

    public static TheoryData<string, ListJobsByConsumableResourceRequest> RefusedLists => new()
    {
        { "consumableResource is required.", new() },
        { "maxResults is 101, it must be between 1 and 100.", new() { ConsumableResource = "a", MaxResults = 101 } },
        { "Filter JOB_NAME must have exactly 1 value.", new() { ConsumableResource = "a", Filters = [Filter("JOB_NAME")] } },
        { "Filter JOB_NAME is given twice.", new() { ConsumableResource = "a", Filters = [Filter("JOB_NAME", "x"), Filter("JOB_NAME", "y")] } },
        { "Filter 'x' is not valid. Valid names are: [JOB_STATUS, JOB_NAME].", new() { ConsumableResource = "a", Filters = [Filter("x", "y")] } },
        {
            "Filter JOB_STATUS: 'x' is not valid. Valid values are: [SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED].",
            new() { ConsumableResource = "a", Filters = [Filter("JOB_STATUS", "x")] }
        },
    };

    [Theory]
    [MemberData(nameof(RefusedLists))]
    public void A_listing_of_jobs_that_breaks_a_rule_is_refused(string text, ListJobsByConsumableResourceRequest request) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => ConsumableJobs.List(request, AJob.Home)).Message);

    private static KeyValuesPair Filter(string name, params string[] values) => new() { Name = name, Values = values };

    private static ConsumableResourceProperties Of(params (string? Name, long? Quantity)[] list) =>
        new() { ConsumableResourceList = [.. list.Select(one => new ConsumableResourceRequirement { ConsumableResource = one.Name, Quantity = one.Quantity })] };

    private static string Merged(ConsumableResourceProperties? defined, ConsumableResourceProperties? overriding) =>
        string.Join(", ", (ConsumableNeeds.Merge(defined, overriding, AJob.Home) ?? []).Select(need => $"{need.ResourceName} {need.Quantity}"));
}
