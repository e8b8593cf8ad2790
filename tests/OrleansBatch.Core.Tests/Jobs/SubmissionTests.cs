using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class SubmissionTests
{
    private static readonly ConsumableResourceRequirement Licences = new() { ConsumableResource = "licences", Quantity = 2 };

    private static readonly SubmitJobRequest Good = ASubmission.Of(ADefinition.Running("sleep", "1"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-begins-with-a-dash")]
    [InlineData("has space")]
    public void A_job_needs_a_name_of_the_right_form(string? name)
    {
        var refused = Assert.Throws<ValidationException>(() => Submission.Check(Good with { JobName = name }));

        Assert.Equal("Job name should match valid pattern", refused.Message);
    }

    private static readonly ArrayProperties Two = new() { Size = 2 };

    public static TheoryData<string, SubmitJobRequest> BadRequests() => new()
    {
        { "jobQueue is required.", Good with { JobQueue = null } },
        { "jobDefinition is required.", Good with { JobDefinition = "" } },
        { "RetryAttempts must be provided with retry strategy.", Good with { RetryStrategy = new() } },
        { "AttemptDurationSeconds in Timeout must be at least 60 seconds.", Good with { Timeout = new() { AttemptDurationSeconds = 59 } } },
        { "Tag key 'AWS:x' begins with aws:, which is reserved.", Good with { Tags = new Dictionary<string, string> { ["AWS:x"] = "1" } } },
        { "A resource can have at most 50 tags, got 51.", Good with { Tags = Tags(51) } },
        { "parameters.x must be text.", Good with { Parameters = new Dictionary<string, string> { ["x"] = null! } } },
        { "containerOverrides.command must not contain an empty string.", Good.With(new() { Command = ["a", ""] }) },
        { "containerOverrides.instanceType is for multi-node parallel jobs only.", Good.With(new() { InstanceType = "m5.large" }) },
        {
            "containerOverrides.environment: the name AWS_BATCH_JOB_ID begins with AWS_BATCH, which is reserved.",
            Good.With(new() { Environment = [new() { Name = "AWS_BATCH_JOB_ID", Value = "x" }] })
        },
        { "containerOverrides.environment: an environment variable needs a name, without '='.", Good.With(new() { Environment = [new() { Value = "x" }] }) },
        { "Cannot provide duplicates in resourceRequirements.", Good.With(new() { ResourceRequirements = [.. ADefinition.Needs("1"), .. ADefinition.Needs("2")] }) },
        { "arrayProperties.size must be between 2 and 10000, got 1.", Good with { ArrayProperties = new() { Size = 1 } } },
        { "arrayProperties.size must be between 2 and 10000, got 10001.", Good with { ArrayProperties = new() { Size = 10_001 } } },
        { "arrayProperties.size must be between 2 and 10000, got -5.", Good with { ArrayProperties = new() { Size = -5 } } },
        { "dependsOn can have at most 20 entries, got 21.", Good with { DependsOn = [.. Enumerable.Repeat(new JobDependency { JobId = AJob.Id }, 21)] } },
        { "dependsOn[0] must be an object with jobId or type.", Good with { DependsOn = [null!] } },
        { "dependsOn[0].jobId is required.", Good with { DependsOn = [new()] } },
        { "dependsOn[0].jobId is required.", Good with { ArrayProperties = Two, DependsOn = [new() { Type = "N_TO_N" }] } },
        { "dependsOn[1].type 'n_to_n' is not valid. Valid values are: [N_TO_N, SEQUENTIAL].", Good with { DependsOn = [new() { JobId = AJob.Id }, new() { JobId = AJob.Id, Type = "n_to_n" }] } },
        { "dependsOn[0]: type N_TO_N is for array jobs.", Good with { DependsOn = [new() { JobId = AJob.Id, Type = "N_TO_N" }] } },
        { "dependsOn[0]: type SEQUENTIAL without a jobId is for array jobs.", Good with { ArrayProperties = new(), DependsOn = [new() { Type = "SEQUENTIAL" }] } },
        { "ShareIdentifier name should match a valid pattern.", Good with { ShareIdentifier = "a b" } },
        { "ShareIdentifier name should match a valid pattern.", Good with { ShareIdentifier = "a*" } },
        { "ShareIdentifier name should match a valid pattern.", Good with { ShareIdentifier = new('a', 256) } },
        { "Scheduling priority must be between 0 and 9999.", Good with { SchedulingPriorityOverride = -1 } },
        { "Scheduling priority must be between 0 and 9999.", Good with { SchedulingPriorityOverride = 10_000 } },
        { "eksPropertiesOverride: jobs on EKS are not supported yet.", Good with { EksPropertiesOverride = new("""{"podProperties":{}}""") } },
        {
            "consumableResourcePropertiesOverride names a consumable resource twice.",
            Good with { ConsumableResourcePropertiesOverride = new() { ConsumableResourceList = [.. Enumerable.Repeat(Licences, 2)] } }
        },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void A_request_that_breaks_a_rule_is_refused(string expected, SubmitJobRequest request)
    {
        var refused = Assert.Throws<BatchClientException>(() => Submission.Check(request));

        Assert.Equal(expected, refused.Message);
    }

    [Fact]
    public void What_clients_send_for_features_they_do_not_use_means_nothing()
    {
        Submission.Check(Good with { ArrayProperties = new(), DependsOn = [], NodeOverrides = new(), EksPropertiesOverride = new("{}") });
        Submission.Check(Good with { Tags = Tags(50), Timeout = new(), ShareIdentifier = "" });
    }

    [Fact]
    public void A_request_has_at_most_30_KiB()
    {
        Submission.Check(Good with { Parameters = new Dictionary<string, string> { ["x"] = new string('x', 30_000) } });

        var refused = Assert.Throws<BatchClientException>(
            () => Submission.Check(Good with { Parameters = new Dictionary<string, string> { ["x"] = new string('x', 31_000) } }));
        Assert.StartsWith("A SubmitJob request can have at most 30720 bytes, got ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A", null)]
    [InlineData(null, 0)]
    [InlineData("A", 5)]
    public void A_queue_without_a_policy_takes_neither_share_nor_priority(string? share, int? priority) => Assert.Equal(
        "Job with shareIdentifier or schedulingPriority can onlybe submitted to job queue with fair share scheduling policy.",
        Assert.Throws<BatchClientException>(() => ASubmission.Spec(with: request => request with { ShareIdentifier = share, SchedulingPriorityOverride = priority })).Message);

    [Fact]
    public void A_definitions_priority_means_nothing_on_a_queue_without_a_policy()
    {
        var spec = ASubmission.Spec(ADefinition.Running("true") with { SchedulingPriority = 7 }, request => request with { ShareIdentifier = "" });

        Assert.Equal((null, null), (spec.ShareIdentifier, spec.SchedulingPriority));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void A_fair_share_queue_wants_a_share(string? share) => Assert.Equal(
        "shareIdentifier is required: job queue default has a fair share scheduling policy.",
        Assert.Throws<BatchClientException>(() => OnFairShare(share, null, null)).Message);

    [Theory]
    [InlineData(null, null, 0)]
    [InlineData(null, 7, 7)]
    [InlineData(0, 7, 0)]
    [InlineData(9999, null, 9999)]
    public void The_priority_in_a_share_is_the_submissions_or_else_the_definitions(int? overriding, int? defined, int expected)
    {
        var spec = OnFairShare("A-1_b", overriding, defined);

        Assert.Equal(("A-1_b", expected), (spec.ShareIdentifier, spec.SchedulingPriority));
        var detail = JobDescriptions.Detail(ASubmission.Record(AJob.In(JobStatus.Runnable), spec));
        Assert.Equal(("A-1_b", expected), (detail.ShareIdentifier, detail.SchedulingPriority));
    }

    private static JobSpec OnFairShare(string? share, int? overriding, int? defined)
    {
        var definition = ADefinition.Running("true") with { SchedulingPriority = defined };
        var request = ASubmission.Of(definition) with { ShareIdentifier = share, SchedulingPriorityOverride = overriding };
        return Submission.Prepare(request, definition, ASubmission.Queue with { IsFairShare = true }, AJob.Home);
    }

    [Fact]
    public void A_job_needs_what_its_definition_says_with_the_overrides_over_it()
    {
        var defined = ADefinition.Running("true") with { ConsumableResourceProperties = new() { ConsumableResourceList = [Licences] } };

        Assert.Equal(Licences.Quantity, Assert.Single(ASubmission.Spec(defined).ConsumableResources!).Quantity);
        Assert.Equal(9, Assert.Single(ASubmission.Spec(defined, request => request with
        {
            ConsumableResourcePropertiesOverride = new() { ConsumableResourceList = [Licences with { Quantity = 9 }] },
        }).ConsumableResources!).Quantity);
        Assert.Null(ASubmission.Spec(with: request => request with { ConsumableResourcePropertiesOverride = new() { ConsumableResourceList = [] } }).ConsumableResources);
    }

    [Theory]
    [InlineData("sleep", "sleep", null)]
    [InlineData("sleep:7", "sleep", 7)]
    [InlineData("arn:aws:batch:eu-central-1:123456789012:job-definition/sleep", "sleep", null)]
    [InlineData("arn:aws:batch:eu-central-1:123456789012:job-definition/sleep:7", "sleep", 7)]
    public void A_definition_is_meant_by_name_or_ARN_with_or_without_revision(string text, string name, int? revision) =>
        Assert.Equal(new DefinitionReference(name, revision), Submission.ParseDefinition(text, AJob.Home));

    [Theory]
    [InlineData("sleep:latest", "JobDefinition name sleep:latest does not exist or is not in ACTIVE status")]
    [InlineData("sleep:0", "JobDefinition name sleep:0 does not exist or is not in ACTIVE status")]
    [InlineData("no name", "Provided name no name is not supported pattern[a-zA-Z_0-9-]{1,128}")]
    [InlineData(
        "arn:aws:batch:us-east-1:123456789012:job-definition/sleep:1",
        "JobDefinition name arn:aws:batch:us-east-1:123456789012:job-definition/sleep:1 does not exist or is not in ACTIVE status")]
    public void A_definition_that_cannot_be_is_refused(string text, string expected) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => Submission.ParseDefinition(text, AJob.Home)).Message);

    [Fact]
    public void A_queue_that_takes_no_jobs_refuses_them()
    {
        Assert.Equal("Job queue default is DISABLED: it takes no new jobs.", Refusal(ASubmission.Queue with { IsEnabled = false }));
        Assert.Equal("Job queue default is being deleted: it takes no new jobs.", Refusal(ASubmission.Queue with { IsDeleting = true }));
        Assert.Equal(
            "Job Queue is attached to Compute Environment that can not run Jobs with capability EC2.",
            Refusal(ASubmission.Queue with { Platforms = ["FARGATE"] }));

        static string Refusal(QueueAdmission queue) =>
            Assert.Throws<BatchClientException>(() => Submission.Prepare(Good, ADefinition.Running("sleep", "1"), queue, AJob.Home)).Message;
    }

    [Fact]
    public void A_plain_submission_takes_everything_from_its_definition()
    {
        var definition = ADefinition.Running("sleep", "1") with
        {
            RetryStrategy = new() { Attempts = 3, EvaluateOnExit = [new() { OnReason = "*", Action = "EXIT" }] },
            Timeout = new() { AttemptDurationSeconds = 600 },
            PropagateTags = true,
            Tags = new Dictionary<string, string> { ["team"] = "a" },
            Parameters = new Dictionary<string, string> { ["x"] = "1" },
        };

        var spec = ASubmission.Spec(definition);

        Assert.Equal(("a-job", "default", "work", 1, "EC2"), (spec.JobName, spec.JobQueue, spec.DefinitionName, spec.DefinitionRevision, spec.PlatformCapability));
        Assert.Equal(new ResourceNeeds { VcpuMillis = 1000, MemoryMiB = 256 }, spec.Needs);
        Assert.Equal((3, "exit"), (spec.RetryStrategy.Attempts, spec.RetryStrategy.EvaluateOnExit![0].Action));
        Assert.Equal(600, spec.Timeout!.AttemptDurationSeconds);
        Assert.True(spec.PropagateTags);
        Assert.Empty(spec.Tags);
        Assert.Equal("a", spec.DefinitionTags["team"]);
        Assert.Equal("1", spec.Parameters["x"]);
        Assert.Equal(0, spec.OverridesLength);
    }

    [Fact]
    public void What_is_submitted_replaces_strategy_timeout_and_tag_propagation_whole()
    {
        var definition = ADefinition.Running("sleep", "1") with
        {
            RetryStrategy = new() { Attempts = 3, EvaluateOnExit = [new() { OnReason = "*", Action = "exit" }] },
            Timeout = new() { AttemptDurationSeconds = 600 },
            PropagateTags = true,
        };

        var spec = ASubmission.Spec(definition, request => request with
        {
            RetryStrategy = new() { Attempts = 2 },
            Timeout = new() { AttemptDurationSeconds = 60 },
            PropagateTags = false,
            Tags = new Dictionary<string, string> { ["mine"] = "1" },
        });

        Assert.Equal(2, spec.RetryStrategy.Attempts);
        Assert.Empty(spec.RetryStrategy.EvaluateOnExit!);
        Assert.Equal((60, false, "1"), (spec.Timeout!.AttemptDurationSeconds, spec.PropagateTags, spec.Tags["mine"]));
    }

    [Fact]
    public void One_attempt_and_no_timeout_are_the_defaults()
    {
        var spec = ASubmission.Spec(with: request => request with { Timeout = new() });

        Assert.Equal((1, null), (spec.RetryStrategy.Attempts, spec.Timeout));
    }

    [Fact]
    public void Overrides_that_are_too_long_for_a_task_are_found_before_it_runs()
    {
        Assert.Null(Submission.TaskRefusal(WithVariable(8000)));
        Assert.Equal("Container Overrides length must be at most 8192", Submission.TaskRefusal(WithVariable(8192)));

        static JobSpec WithVariable(int length) =>
            ASubmission.Spec(with: request => request.With(new() { Environment = [new() { Name = "X", Value = new string('x', length) }] }));
    }

    [Fact]
    public void A_commands_parameters_count_in_the_length_of_the_overrides()
    {
        var spec = ASubmission.Spec(with: request => request.With(new() { Command = ["echo", "Ref::text"] }) with
        {
            Parameters = new Dictionary<string, string> { ["text"] = new string('x', 9000) },
        });

        Assert.Equal("Container Overrides length must be at most 8192", Submission.TaskRefusal(spec));
    }

    [Theory]
    [InlineData(25, 25, true, null)]
    [InlineData(26, 25, true, "Tags of job and job definition together must be at most 50")]
    [InlineData(50, 50, false, null)]
    public void Job_and_definition_bring_at_most_50_tags_to_a_task(int ofJob, int ofDefinition, bool propagates, string? expected)
    {
        var definition = ADefinition.Running("true") with { Tags = Tags(ofDefinition, "d") };

        var spec = ASubmission.Spec(definition, request => request with { Tags = Tags(ofJob, "j"), PropagateTags = propagates });

        Assert.Equal(expected, Submission.TaskRefusal(spec));
    }

    [Fact]
    public void A_tag_that_both_have_counts_once()
    {
        var definition = ADefinition.Running("true") with { Tags = Tags(50) };

        Assert.Null(Submission.TaskRefusal(ASubmission.Spec(definition, request => request with { Tags = Tags(50), PropagateTags = true })));
    }

    private static Dictionary<string, string> Tags(int count, string prefix = "t") =>
        Enumerable.Range(0, count).ToDictionary(number => $"{prefix}{number}", _ => "");
}
