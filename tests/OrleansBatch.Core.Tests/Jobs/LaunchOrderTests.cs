using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class LaunchOrderTests
{
    private const string TaskId = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void An_order_says_what_to_start_and_for_whom()
    {
        var spec = ASubmission.Spec(with: request => request with { Timeout = new() { AttemptDurationSeconds = 90 } });

        var order = LaunchOrders.For(ASubmission.Record(AJob.In(Starting), spec), "EC2");

        Assert.Equal((AJob.Id, 1), (order.Attempt.JobId, order.Attempt.Fence));
        Assert.Equal(("boot-1", "r-1", "123456789012/eu-central-1/local"), (order.Incarnation, order.ReservationId, order.EnvironmentKey));
        Assert.Equal(["sleep", "1"], order.Command);
        Assert.Equal((TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(30)), (order.Timeout, order.StopTimeout));
        Assert.Equal((AJob.Home, "/aws/batch/job", "sleep/default/task-1"), (order.Log.Scope, order.Log.Group, order.Log.Stream));
    }

    [Fact]
    public void What_the_scheduler_says_goes_over_what_the_job_says_and_that_over_the_operators()
    {
        var spec = ASubmission.Spec(with: request => request.With(new() { Environment = [new() { Name = "A", Value = "job" }, new() { Name = "B" }] }));
        var second = AJob.BetweenAttempts().Then(AJob.Attempts(3), new Placed(AJob.Place("r-2")));

        var order = LaunchOrders.Over(
            LaunchOrders.For(ASubmission.Record(second, spec), "FARGATE"),
            new() { Variables = [new("A", "environment"), new("C", "environment")] },
            new() { Variables = [new("C", "queue")] });

        Assert.Equal(
            [
                new("A", "environment"), new("C", "environment"), new("C", "queue"), new("A", "job"), new("B", ""),
                new("AWS_BATCH_JOB_ID", AJob.Id), new("AWS_BATCH_JQ_NAME", "default"), new("AWS_BATCH_CE_NAME", "local"),
                new("AWS_BATCH_JOB_ATTEMPT", "2"), new("AWS_EXECUTION_ENV", "AWS_ECS_FARGATE"),
            ],
            order.Environment);
        Assert.Contains(new("AWS_EXECUTION_ENV", "AWS_ECS_EC2"), LaunchOrders.For(ASubmission.Record(second, spec), "EC2").Environment);
    }

    [Fact]
    public void An_order_can_be_made_again_from_a_running_row_and_is_the_same()
    {
        var starting = LaunchOrders.For(ASubmission.Record(AJob.In(Starting)), "EC2");
        var running = LaunchOrders.For(ASubmission.Record(AJob.In(Running)), "EC2");

        Assert.Equal(starting with { Command = [], Environment = [] }, running with { Command = [], Environment = [] });
        Assert.Equal(starting.Command, running.Command);
        Assert.Equal(starting.Environment, running.Environment);
    }

    [Fact]
    public void An_order_limits_what_the_job_asked_for()
    {
        var definition = ADefinition.Running("true");
        var spec = ASubmission.Spec(definition with
        {
            Container = definition.Container with
            {
                ResourceRequirements = [new() { Type = "VCPU", Value = "2" }, new() { Type = "MEMORY", Value = "300" }],
                LinuxParameters = new() { MaxSwap = 50 },
            },
        });

        var onEc2 = LaunchOrders.For(ASubmission.Record(AJob.In(Starting), spec), "EC2").Limits;

        Assert.Equal(new AttemptLimits { MemoryMiB = 300, SwapMiB = 50, VcpuMillis = 2000 }, onEc2);
        // There a vCPU is a share, here it is the size of the task.
        Assert.Equal(onEc2! with { IsCpuCapped = true }, LaunchOrders.For(ASubmission.Record(AJob.In(Starting), spec), "FARGATE").Limits);
    }

    [Theory]
    [InlineData(Submitted)]
    [InlineData(Pending)]
    [InlineData(Runnable)]
    [InlineData(Succeeded)]
    [InlineData(Failed)]
    public void Nothing_is_launched_that_has_no_place(JobStatus status) =>
        Assert.Throws<InvalidOperationException>(() => LaunchOrders.For(ASubmission.Record(AJob.In(status)), "EC2"));

    [Fact]
    public void A_placement_names_task_instance_and_log()
    {
        var placement = Place(ASubmission.Spec(), isFargate: false);

        Assert.Equal($"arn:aws:ecs:eu-central-1:123456789012:task/AWSBatch-local/{TaskId}", placement.TaskArn);
        Assert.Matches("^arn:aws:ecs:eu-central-1:123456789012:container-instance/AWSBatch-local/[0-9a-f]{32}$", placement.ContainerInstanceArn);
        Assert.Equal($"work/default/{TaskId}", placement.LogStream);
        Assert.Equal(("local", 4, "r-7", AJob.NodeId, "boot-1", null), (placement.Environment, placement.Epoch, placement.ReservationId, placement.NodeId, placement.Incarnation, placement.StartedAt));
        Assert.Equal(placement, Place(ASubmission.Spec(), isFargate: false));
    }

    [Fact]
    public void Fargate_shows_no_container_instance() => Assert.Null(Place(ASubmission.Spec(), isFargate: true).ContainerInstanceArn);

    [Fact]
    public void Group_and_prefix_of_the_log_can_be_chosen()
    {
        var spec = Logging(new() { LogDriver = "awslogs", Options = new Dictionary<string, string> { ["awslogs-group"] = "mine", ["awslogs-stream-prefix"] = "run" } });

        Assert.Equal(("mine", $"run/default/{TaskId}"), (LogNames.Group(spec), LogNames.Stream(spec, TaskId)));
    }

    [Fact]
    public void Options_of_another_driver_mean_nothing()
    {
        var spec = Logging(new() { LogDriver = "json-file", Options = new Dictionary<string, string> { ["awslogs-group"] = "mine" } });

        Assert.Equal("/aws/batch/job", LogNames.Group(spec));
    }

    private static JobSpec Logging(LogConfiguration configuration)
    {
        var definition = ADefinition.Running("true");
        return ASubmission.Spec(definition with { Container = definition.Container with { LogConfiguration = configuration } });
    }

    private static JobPlacement Place(JobSpec spec, bool isFargate) =>
        Placements.New(AJob.Home, spec, TaskId, "local", "AWSBatch-local", 4, "r-7", AJob.NodeId, "boot-1", isFargate ? new("fargate-1", "FARGATE") : null);
}
