using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class JobRequestTests
{
    private const string Other = "11111111-2222-3333-4444-555555555555";

    private const string HomeArn = "arn:aws:batch:eu-central-1:123456789012:job/";

    [Fact]
    public void Described_ids_keep_their_order_and_what_can_be_no_job_is_dropped()
    {
        var ids = JobRequests.DescribeIds(
            new() { Jobs = [Other, "nonsense", HomeArn + AJob.Id, "arn:aws:batch:us-east-1:123456789012:job/" + AJob.Id, Other, Other + ":3", null!] }, AJob.Home);

        Assert.Equal([Other, AJob.Id, Other + ":3"], ids);
    }

    [Fact]
    public void At_most_100_jobs_are_described_and_at_least_one()
    {
        Assert.Single(JobRequests.DescribeIds(new() { Jobs = [.. Enumerable.Repeat(AJob.Id, 100)] }, AJob.Home));

        Assert.Equal("Maximum number of jobs supported is  100", Refusal([.. Enumerable.Repeat(AJob.Id, 101)]));
        Assert.Equal("jobs must name at least 1 job.", Refusal([]));
        Assert.Equal("jobs must name at least 1 job.", Refusal(null));

        static string Refusal(string[]? jobs) => Assert.Throws<ValidationException>(() => JobRequests.DescribeIds(new() { Jobs = jobs }, AJob.Home)).Message;
    }

    [Theory]
    [InlineData(AJob.Id)]
    [InlineData(HomeArn + AJob.Id)]
    public void A_job_to_stop_is_named_by_id_or_ARN(string text) =>
        Assert.Equal((AJob.Id, "why"), JobRequests.Stop(new() { JobId = text, Reason = "why" }, AJob.Home));

    [Theory]
    [InlineData(null, "why", "jobId is required.")]
    [InlineData("nonsense", "why", "jobId 'nonsense' is not a job id: expected a lower-case UUID.")]
    [InlineData(AJob.Id + "#1", "why", AJob.Id + "#1 is one node of a multi-node parallel job: only the whole job can be ended.")]
    [InlineData(AJob.Id, null, "'reason' is a required field")]
    [InlineData(AJob.Id, "", "'reason' is a required field")]
    [InlineData("arn:aws:batch:us-east-1:1:job/" + AJob.Id, "why", "Job arn:aws:batch:us-east-1:1:job/" + AJob.Id + " does not exist")]
    public void A_stop_that_names_no_job_or_no_reason_is_refused(string? jobId, string? reason, string expected) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => JobRequests.Stop(new() { JobId = jobId, Reason = reason }, AJob.Home)).Message);

    [Fact]
    public void A_reason_has_at_most_1024_characters()
    {
        _ = JobRequests.Stop(new() { JobId = AJob.Id, Reason = new string('x', 1024) }, AJob.Home);

        var refused = Assert.Throws<BatchClientException>(() => JobRequests.Stop(new() { JobId = AJob.Id, Reason = new string('x', 1025) }, AJob.Home));
        Assert.Equal("reason can have at most 1024 characters, got 1025.", refused.Message);
    }

    [Fact]
    public void Without_status_or_filter_a_listing_shows_what_is_running()
    {
        var plan = JobRequests.List(new() { JobQueue = "arn:aws:batch:eu-central-1:123456789012:job-queue/q" }, AJob.Home);

        Assert.Equal(("q", new JobListFilter.InStatus(JobStatus.Running), 1000, null), (plan.QueueName, plan.Filter, plan.Limit, plan.Cursor));
    }

    [Fact]
    public void A_listing_by_status_shows_that_one()
    {
        var plan = JobRequests.List(new() { JobQueue = "q", JobStatus = "RUNNABLE", MaxResults = 1000, Filters = [] }, AJob.Home);

        Assert.Equal(new JobListFilter.InStatus(JobStatus.Runnable), plan.Filter);
    }

    public static TheoryData<string, string, JobListFilter> Filters() => new()
    {
        { "JOB_NAME", "Nightly", new JobListFilter.Named("Nightly", IsPrefix: false) },
        { "JOB_NAME", "night*", new JobListFilter.Named("night", IsPrefix: true) },
        { "JOB_NAME", "*", new JobListFilter.Named("", IsPrefix: true) },
        { "JOB_DEFINITION", "sleep", new JobListFilter.OfDefinition("sleep", null, IsPrefix: false) },
        { "JOB_DEFINITION", "sl*", new JobListFilter.OfDefinition("sl", null, IsPrefix: true) },
        {
            "JOB_DEFINITION", "arn:aws:batch:eu-central-1:123456789012:job-definition/sleep:3",
            new JobListFilter.OfDefinition("sleep", 3, IsPrefix: false)
        },
        { "BEFORE_CREATED_AT", "1768174600058", new JobListFilter.CreatedBefore(DateTimeOffset.FromUnixTimeMilliseconds(1768174600058)) },
        { "AFTER_CREATED_AT", "0", new JobListFilter.CreatedAfter(DateTimeOffset.UnixEpoch) },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public void Scenario_19_a_filter_decides_alone_whatever_the_status(string name, string value, JobListFilter expected)
    {
        var plan = JobRequests.List(Filtered(name, value) with { JobStatus = "FAILED" }, AJob.Home);

        Assert.Equal((expected, 100), (plan.Filter, plan.Limit));
    }

    [Fact]
    public void A_time_beyond_every_clock_is_one_all_the_same()
    {
        var plan = JobRequests.List(Filtered("BEFORE_CREATED_AT", long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture)), AJob.Home);

        Assert.Equal(9999, Assert.IsType<JobListFilter.CreatedBefore>(plan.Filter).Time.Year);
    }

    public static TheoryData<string, ListJobsRequest> BadListings() => new()
    {
        { "Exactly one of jobQueue, arrayJobId and multiNodeJobId must be given.", new() },
        { "Exactly one of jobQueue, arrayJobId and multiNodeJobId must be given.", new() { JobQueue = "q", ArrayJobId = AJob.Id } },
        { "arrayJobId: array job x does not exist", new() { ArrayJobId = "x" } },
        { $"arrayJobId: {AJob.Id}:1 is part of a job, not an array job.", new() { ArrayJobId = $"{AJob.Id}:1" } },
        { "filters are for listings of a jobQueue, not of arrayJobId.", new() { ArrayJobId = AJob.Id, Filters = [new() { Name = "JOB_NAME", Values = ["x"] }] } },
        { "multiNodeJobId: multi-node parallel job x does not exist", new() { MultiNodeJobId = "x" } },
        { $"multiNodeJobId: {AJob.Id}#1 is part of a job, not a multi-node parallel job.", new() { MultiNodeJobId = $"{AJob.Id}#1" } },
        { "filters are for listings of a jobQueue, not of multiNodeJobId.", new() { MultiNodeJobId = AJob.Id, Filters = [new() { Name = "JOB_NAME", Values = ["x"] }] } },
        {
            "jobStatus 'running' is not valid. Valid values are: [SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED, FAILED].",
            new() { JobQueue = "q", JobStatus = "running" }
        },
        { "maxResults must be between 1 and 1000, got 0.", new() { JobQueue = "q", MaxResults = 0 } },
        { "maxResults must be between 1 and 1000, got 1001.", new() { JobQueue = "q", MaxResults = 1001 } },
        { "maxResults must be between 1 and 100, got 101.", Filtered("JOB_NAME", "x") with { MaxResults = 101 } },
        { "filters can have at most 1 entry, got 2.", new() { JobQueue = "q", Filters = [new(), new()] } },
        { "Filter JOB_NAME must have exactly 1 value.", new() { JobQueue = "q", Filters = [new() { Name = "JOB_NAME" }] } },
        {
            "Filter 'job_name' is not valid. Valid names are: [JOB_NAME, JOB_DEFINITION, BEFORE_CREATED_AT, AFTER_CREATED_AT, SHARE_IDENTIFIER].",
            Filtered("job_name", "x")
        },
        { "Filter value 'yesterday' is not a time in milliseconds since the epoch.", Filtered("AFTER_CREATED_AT", "yesterday") },
        {
            "Filter JOB_DEFINITION: job definition arn:aws:batch:us-east-1:1:job-definition/x:1 does not exist",
            Filtered("JOB_DEFINITION", "arn:aws:batch:us-east-1:1:job-definition/x:1")
        },
        { "Job queue a b does not exist", new() { JobQueue = "a b" } },
    };

    [Theory]
    [MemberData(nameof(BadListings))]
    public void A_listing_that_breaks_a_rule_is_refused(string expected, ListJobsRequest request) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => JobRequests.List(request, AJob.Home)).Message);

    [Fact]
    public void A_token_leads_to_the_next_page_of_the_same_query_only()
    {
        var first = Filtered("BEFORE_CREATED_AT", "1768174600058");
        var token = JobRequests.List(first, AJob.Home).NextToken("17:a/é")!;

        Assert.Matches("^[A-Za-z0-9_-]+$", token);
        Assert.Equal("17:a/é", JobRequests.List(first with { NextToken = token, MaxResults = 7 }, AJob.Home).Cursor);
        Assert.Null(JobRequests.List(first, AJob.Home).NextToken(null));

        Assert.All(
            [
                () => JobRequests.List(Filtered("BEFORE_CREATED_AT", "1768174600059") with { NextToken = token }, AJob.Home),
                () => JobRequests.List(first with { NextToken = token, JobQueue = "other" }, AJob.Home),
                () => JobRequests.List(first with { NextToken = token }, new Scope("123456789012", "us-east-1")),
                () => JobRequests.List(first with { NextToken = token[..^1] }, AJob.Home),
                () => JobRequests.List(first with { NextToken = "garbage" }, AJob.Home),
                () => JobRequests.List(first with { NextToken = "not base 64!" }, AJob.Home),
            ],
            (Action<Action>)(call => Assert.Equal(
                "nextToken is not valid, or belongs to a call with other arguments.", Assert.Throws<BatchClientException>(call).Message)));
    }

    [Fact]
    public void An_empty_token_is_none() => Assert.Null(JobRequests.List(new() { JobQueue = "q", NextToken = "" }, AJob.Home).Cursor);

    private static ListJobsRequest Filtered(string name, string value) =>
        new() { JobQueue = "q", Filters = [new() { Name = name, Values = [value] }] };
}
