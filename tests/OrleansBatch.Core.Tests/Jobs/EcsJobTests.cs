using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Tests.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class EcsJobTests
{
    private const string TaskId = "0123456789abcdef0123456789abcdef";

    private static readonly JobDefinition Definition = ATask.InitAndApp.Definition();

    private static readonly SubmitJobRequest Good = ASubmission.Of(Definition);

    private static readonly ContainerOutcome Init =
        new() { Name = "init", StartedAt = AJob.At(1), StoppedAt = AJob.At(2), ExitCode = 0 };

    private static readonly ContainerOutcome App =
        new() { Name = "app", IsEssential = true, StartedAt = AJob.At(2), StoppedAt = AJob.At(3), ExitCode = 7, Reason = "OutOfMemoryError: x" };

    public static TheoryData<string, SubmitJobRequest> BadRequests() => new()
    {
        { "ecsPropertiesOverride.taskProperties can have at most 1 element, got 2.", Good with { EcsPropertiesOverride = new() { TaskProperties = [new(), new()] } } },
        { "ecsPropertiesOverride.taskProperties.containers: every entry needs the name of a container.", With(new TaskContainerOverrides()) },
        { "ecsPropertiesOverride.taskProperties.containers: container app is given twice.", With(new() { Name = "app" }, new() { Name = "app" }) },
        { "ecsPropertiesOverride.taskProperties.containers.command must not contain an empty string.", With(new TaskContainerOverrides() { Name = "app", Command = [""] }) },
        {
            "ecsPropertiesOverride.taskProperties.containers.environment: the name AWS_BATCH_X begins with AWS_BATCH, which is reserved.",
            With(new TaskContainerOverrides() { Name = "app", Environment = [new() { Name = "AWS_BATCH_X" }] })
        },
        {
            "Cannot provide duplicates in resourceRequirements.",
            With(new TaskContainerOverrides() { Name = "app", ResourceRequirements = [.. ADefinition.Needs("1"), .. ADefinition.Needs("2")] })
        },
    };

    [Theory]
    [MemberData(nameof(BadRequests))]
    public void Overrides_that_break_a_rule_are_refused(string expected, SubmitJobRequest request) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => Submission.Check(request)).Message);

    [Fact]
    public void Overrides_must_name_a_container_of_the_definition_and_be_of_its_kind()
    {
        Assert.Equal(
            "ecsPropertiesOverride.taskProperties.containers: the job definition has no container other.",
            Assert.Throws<BatchClientException>(() => Prepare(With(new TaskContainerOverrides { Name = "other" }))).Message);
        Assert.Equal(
            "containerOverrides is only applicable for a job definition with containerProperties.",
            Assert.Throws<BatchClientException>(() => Prepare(Good with { ContainerOverrides = new() { Command = ["x"] } })).Message);
        Assert.Equal(
            "ecsPropertiesOverride is only applicable for a job definition with ecsProperties.",
            Assert.Throws<BatchClientException>(() => Submission.Prepare(With(), ADefinition.Running("true"), ASubmission.Queue, AJob.Home)).Message);
        Prepare(Good with { ContainerOverrides = new(), EcsPropertiesOverride = new() });
    }

    [Fact]
    public void Overrides_and_parameters_go_into_the_container_that_they_name()
    {
        var spec = Prepare(With(new TaskContainerOverrides
        {
            Name = "app",
            Command = ["say", "Ref::word"],
            Environment = [new() { Name = "A", Value = "b" }],
            ResourceRequirements = ADefinition.Needs(memory: "128"),
        }) with
        { Parameters = new Dictionary<string, string> { ["word"] = "hello" } });

        var (init, app) = (spec.EcsTask!.Containers![0], spec.EcsTask.Containers[1]);
        Assert.Equal((["sleep", "1"]), init.Command!);
        Assert.Equal((["say", "hello"]), app.Command!);
        Assert.Equal("b", Assert.Single(app.Environment!).Value);
        Assert.Equal(new ResourceNeeds { VcpuMillis = 2000, MemoryMiB = 64 + 128 }, spec.Needs);
        Assert.True(spec.OverridesLength > 50);
        Assert.Equal(0, Prepare(Good).OverridesLength);
    }

    [Fact]
    public void A_reference_without_a_value_in_any_container_is_refused() =>
        Assert.Equal(
            "Unable to substitute value. No parameter found for reference gone",
            Assert.Throws<BatchClientException>(() => Prepare(With(new TaskContainerOverrides { Name = "init", Command = ["Ref::gone"] }))).Message);

    [Fact]
    public void A_task_on_Fargate_needs_a_size_that_there_is_after_overrides_too()
    {
        var task = ATask.Of(ATask.Container("a", "0.25", "512"), ATask.Container("b", "0.75", "1536")) with { ExecutionRoleArn = "arn:x" };
        var definition = task.Definition("FARGATE");

        Assert.Equal(new() { VcpuMillis = 1000, MemoryMiB = 2048 }, Submission.Prepare(ASubmission.Of(definition), definition, ASubmission.Queue, AJob.Home).Needs);
        Assert.Throws<BatchClientException>(() => Submission.Prepare(
            With(new TaskContainerOverrides { Name = "a", ResourceRequirements = ADefinition.Needs("4") }), definition, ASubmission.Queue, AJob.Home));
    }

    [Fact]
    public void The_order_has_every_container_with_its_own_command_variables_log_and_limits()
    {
        var spec = Prepare(Good);
        spec = spec with
        {
            EcsTask = spec.EcsTask! with
            {
                Containers =
                [
                    spec.EcsTask.Containers![0] with { StartTimeout = 60, Environment = [new() { Name = "A", Value = "b" }] },
                    spec.EcsTask.Containers[1] with { StopTimeout = 5, LinuxParameters = new() { MaxSwap = 32 } },
                ],
            },
        };
        var job = Starting(spec);

        var order = LaunchOrders.Over(LaunchOrders.For(job, "EC2"), Variables("A", "operator"), Variables("Q", "queue"));

        Assert.Equal(["init", "app"], order.Containers.Select(container => container.Name));
        var (init, app) = (order.Containers[0], order.Containers[1]);
        Assert.Equal((false, true), (init.IsEssential, app.IsEssential));
        Assert.Equal(["sleep", "1"], init.Command);
        Assert.Equal(["operator", "b"], init.Environment.Where(variable => variable.Key == "A").Select(variable => variable.Value));
        Assert.Equal("queue", app.Environment.Single(variable => variable.Key == "Q").Value);
        Assert.Equal(AJob.Id, app.Environment.Single(variable => variable.Key == "AWS_BATCH_JOB_ID").Value);
        Assert.Equal(($"work/init/{TaskId}", $"work/app/{TaskId}"), (init.Log.Stream, app.Log.Stream));
        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30)), (init.StartTimeout, init.StopTimeout));
        Assert.Equal((null, TimeSpan.FromSeconds(5)), (app.StartTimeout, app.StopTimeout));
        Assert.Equal(new AttemptLimits { MemoryMiB = 64, VcpuMillis = 1000, SwapMiB = 32 }, app.Limits);
        Assert.Equal(128, order.Limits!.MemoryMiB);
        Assert.Equal(new("init", ContainerCondition.Success), Assert.Single(app.DependsOn));
        Assert.Empty(LaunchOrders.For(ASubmission.Record(AJob.In(JobStatus.Starting)), "EC2").Containers);
    }

    [Fact]
    public void A_containers_own_log_configuration_names_its_group_and_prefix()
    {
        var logging = new LogConfiguration
        {
            LogDriver = "awslogs",
            Options = new Dictionary<string, string> { ["awslogs-group"] = "mine", ["awslogs-stream-prefix"] = "pre" },
        };
        var spec = Prepare(Good);
        var app = spec.EcsTask!.Containers![1] with { LogConfiguration = logging };
        spec = spec with { EcsTask = spec.EcsTask with { Containers = [spec.EcsTask.Containers[0], app] } };

        var order = LaunchOrders.For(Starting(spec), "EC2");

        Assert.Equal(("/aws/batch/job", "mine"), (order.Containers[0].Log.Group, order.Containers[1].Log.Group));
        Assert.Equal($"pre/app/{TaskId}", order.Containers[1].Log.Stream);
        Assert.Equal(
            [("/aws/batch/job", $"work/init/{TaskId}"), ("mine", $"pre/app/{TaskId}")],
            LogNames.Streams(spec, Starting(spec).State.Placement!.TaskArn));
        Assert.Equal([("/aws/batch/job", "work/default/a")], LogNames.Streams(ASubmission.Spec(), "arn:task/a"));
    }

    [Fact]
    public void A_description_shows_the_task_with_what_became_of_each_container_and_no_container()
    {
        var spec = Prepare(Good);
        var running = Starting(spec).State.Then(new JobEvent.Started(1, AJob.At(1)));
        var over = running.Then(new JobEvent.Exited(1, 7, "OutOfMemoryError: x", AJob.At(1), AJob.At(3)) { Containers = [Init, App] });

        var waiting = JobDescriptions.Detail(ASubmission.Record(AJob.In(Runnable), spec));
        var live = JobDescriptions.Detail(ASubmission.Record(running, spec));
        var detail = JobDescriptions.Detail(ASubmission.Record(over, spec));

        Assert.Null(detail.Container);
        Assert.Equal("FAILED", detail.Status);
        var task = Assert.Single(detail.EcsProperties!.TaskProperties);
        Assert.EndsWith(TaskId, task.TaskArn, StringComparison.Ordinal);
        Assert.Equal(
            [("init", 0, null, $"work/init/{TaskId}"), ("app", 7, "OutOfMemoryError: x", $"work/app/{TaskId}")],
            task.Containers.Select(container => (container.Name, container.ExitCode, container.Reason, container.LogStreamName)));
        var attempt = Assert.Single(detail.Attempts);
        Assert.Null(attempt.Container);
        Assert.Equal(
            [("init", 0, $"work/init/{TaskId}"), ("app", 7, $"work/app/{TaskId}")],
            Assert.Single(attempt.TaskProperties!).Containers.Select(container => (container.Name, container.ExitCode, container.LogStreamName)));
        Assert.All(waiting.EcsProperties!.TaskProperties[0].Containers, container => Assert.Null(container.LogStreamName));
        Assert.All(live.EcsProperties!.TaskProperties[0].Containers, container => Assert.Equal((true, null), (container.LogStreamName is not null, container.ExitCode)));
        Assert.Null(JobDescriptions.Detail(ASubmission.Record(over)).EcsProperties);
    }

    [Fact]
    public void A_container_that_never_began_has_no_log_and_a_lost_attempt_knows_of_none()
    {
        var spec = Prepare(Good);
        var failed = Starting(spec).State.Then(new JobEvent.FailedToStart(1, "CannotStartContainerError: x", AJob.At(2))
        {
            Containers = [Init, new() { Name = "app", IsEssential = true, Reason = "CannotStartContainerError: x" }],
        });
        var lost = Starting(spec).State.Then(new JobEvent.Started(1, AJob.At(1)), new JobEvent.HostLost(1, AJob.At(2)));

        var containers = JobDescriptions.Detail(ASubmission.Record(failed, spec)).Attempts[0].TaskProperties![0].Containers;
        Assert.Equal([true, false], containers.Select(container => container.LogStreamName is not null));
        Assert.Equal("CannotStartContainerError: x", containers[1].Reason);
        containers = JobDescriptions.Detail(ASubmission.Record(lost, spec)).Attempts[0].TaskProperties![0].Containers;
        Assert.All(containers, container => Assert.Equal((true, null), (container.LogStreamName is not null, container.ExitCode)));
    }

    /// <summary>Which rules are true of an attempt whose essential containers ended with 0 and 7, and one that is not with 9.</summary>
    [Theory]
    [InlineData("7", null, true)]
    [InlineData("0", null, true)]
    [InlineData("9", null, false)]
    [InlineData("7", "Out*", true)]
    [InlineData("0", "Out*", false)]
    [InlineData(null, "*", true)]
    public void A_retry_rule_fits_when_one_essential_container_fits_all_of_it(string? exitCode, string? reason, bool fits)
    {
        var attempt = new JobAttempt
        {
            StoppedAt = AJob.At(3),
            StatusReason = "Essential container in task exited",
            ExitCode = 7,
            TaskArn = "arn:task",
            Containers = [App, Init with { IsEssential = true }, new() { Name = "side", ExitCode = 9 }],
        };

        Assert.Equal(fits, RetryDecision.Matches(new() { OnExitCode = exitCode, OnReason = reason }, attempt));
    }

    private static SubmitJobRequest With(params TaskContainerOverrides[] containers) =>
        Good with { EcsPropertiesOverride = new() { TaskProperties = [new() { Containers = containers }] } };

    private static JobSpec Prepare(SubmitJobRequest request)
    {
        Submission.Check(request);
        return Submission.Prepare(request, Definition, ASubmission.Queue, AJob.Home);
    }

    private static JobRecord Starting(JobSpec spec)
    {
        var placement = Placements.New(AJob.Home, spec, TaskId, "local", "AWSBatch-local", 4, "r-7", AJob.NodeId, "boot-1");
        return ASubmission.Record(AJob.In(Runnable).Then(new JobEvent.Placed(placement)), spec);
    }

    private static JobEnvironment Variables(string name, string value) => new() { Variables = [new(name, value)] };
}
