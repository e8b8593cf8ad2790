using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class JobDescriptionTests
{
    /// <summary>Which facts are shown in which state, row by row: s startedAt, e stoppedAt, r statusReason, t taskArn, l logStreamName, x exitCode, and attempts.</summary>
    public static TheoryData<string, JobState, string, int> Facts()
    {
        var three = AJob.Attempts(3);
        var second = AJob.BetweenAttempts().Then(three, new Placed(AJob.Place("r-2", "task-2")));
        return new()
        {
            { "submitted", AJob.In(Submitted), "", 0 },
            { "pending", AJob.In(Pending), "", 0 },
            { "runnable", AJob.In(Runnable), "", 0 },
            { "runnable and blocked", AJob.In(Runnable).Then(new Blocked("UNDETERMINED - …", AJob.At(1))), "r", 0 },
            { "starting", AJob.In(Starting), "t", 0 },
            { "running", AJob.In(Running), "stl", 0 },
            { "running and being stopped", AJob.In(Running).Then(new Terminated("end it", AJob.At(2))), "stl", 0 },
            { "succeeded", AJob.In(Succeeded), "sertlx", 1 },
            { "failed", AJob.In(Failed), "sertlx", 1 },
            { "failed before it started", AJob.In(Runnable).Then(new Cancelled("no", AJob.At(2))), "er", 0 },
            { "failed to start", AJob.In(Starting).Then(new FailedToStart(1, "DockerTimeoutError: late", AJob.At(2))), "ert", 1 },
            { "host lost", AJob.In(Running).Then(new HostLost(1, AJob.At(2))), "sertl", 1 },
            { "between attempts", AJob.BetweenAttempts(), "stlx", 1 },
            { "starting again", second, "st", 1 },
            { "running again", second.Then(three, new Started(2, AJob.At(7))), "stl", 1 },
            { "ran once, then failed to start", second.Then(AJob.Attempts(2), new FailedToStart(2, "DockerTimeoutError: late", AJob.At(7))), "sertl", 2 },
        };
    }

    [Theory]
    [MemberData(nameof(Facts))]
    public void Each_state_shows_its_facts(string named, JobState state, string expected, int attempts)
    {
        var detail = JobDescriptions.Detail(ASubmission.Record(state));

        var shown = string.Concat(
            detail.StartedAt is null ? "" : "s",
            detail.StoppedAt is null ? "" : "e",
            detail.StatusReason is null ? "" : "r",
            detail.Container!.TaskArn is null ? "" : "t",
            detail.Container.LogStreamName is null ? "" : "l",
            detail.Container.ExitCode is null ? "" : "x");
        Assert.Equal($"{named}: {expected}, {attempts}", $"{named}: {shown}, {detail.Attempts.Count}");
        Assert.Equal(detail.Container.TaskArn is null, detail.Container.ContainerInstanceArn is null);
        Assert.Equal(state.Status.ToWire(), detail.Status);
    }

    [Fact]
    public void What_an_attempt_used_and_whether_it_was_limited_is_shown_beside_it()
    {
        var usage = new AttemptUsage { PeakMemoryBytes = 5_505_024, CpuTime = TimeSpan.FromMilliseconds(1500) };
        var free = AJob.In(Starting)
            .Then(AJob.Attempts(2), new Started(1, AJob.At(1), "no cgroups"), new Exited(1, 1, null, null, AJob.At(2), usage));
        var limited = free.Then(AJob.Attempts(2), new Placed(AJob.Place("r-2")), new Started(2, AJob.At(3)));

        var between = JobDescriptions.Detail(ASubmission.Record(free));
        var later = JobDescriptions.Detail(ASubmission.Record(limited));

        Assert.Equal(new() { Limits = "not enforced: no cgroups", PeakMemoryMiB = 5.25, CpuSeconds = 1.5 }, between.Attempts[0].OrleansBatch);
        Assert.Equal("not enforced: no cgroups", between.OrleansBatch!.Limits);
        Assert.Equal("enforced", later.OrleansBatch!.Limits);
    }

    [Fact]
    public void An_attempt_that_never_had_a_process_says_nothing_of_limits()
    {
        var detail = JobDescriptions.Detail(ASubmission.Record(AJob.In(Starting).Then(new FailedToStart(1, "DockerTimeoutError: late", AJob.At(2)))));

        Assert.Null(detail.OrleansBatch!.Limits);
        Assert.Null(detail.Attempts[0].OrleansBatch);
    }

    [Fact]
    public void The_container_mirrors_the_latest_attempt()
    {
        var second = AJob.BetweenAttempts().Then(AJob.Attempts(3), new Placed(AJob.Place("r-2", "task-2")), new Started(2, AJob.At(7)));

        var detail = JobDescriptions.Detail(ASubmission.Record(second));

        Assert.Equal(("arn:task/task-2", "sleep/default/task-2", null), (detail.Container!.TaskArn, detail.Container.LogStreamName, detail.Container.ExitCode));
        Assert.Equal(AJob.At(7).ToUnixTimeMilliseconds(), detail.StartedAt);
        Assert.Equal((1, "arn:task/task-1"), (detail.Attempts[0].Container!.ExitCode, detail.Attempts[0].Container!.TaskArn));
    }

    [Fact]
    public void A_job_is_described_with_ARNs_times_in_milliseconds_and_what_is_in_force()
    {
        var spec = ASubmission.Spec(with: request => request with { Tags = new Dictionary<string, string> { ["team"] = "a" } });

        var detail = JobDescriptions.Detail(ASubmission.Record(AJob.In(Running), spec));

        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:job/" + AJob.Id, detail.JobArn);
        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:job-queue/default", detail.JobQueue);
        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:job-definition/work:1", detail.JobDefinition);
        Assert.Equal((1768174600000, 1768174601000), (detail.CreatedAt, detail.StartedAt));
        Assert.Equal(1, detail.RetryStrategy!.Attempts);
        Assert.Empty(detail.RetryStrategy.EvaluateOnExit!);
        Assert.Null(detail.Timeout);
        Assert.Equal("a", detail.Tags["team"]);
        Assert.Empty(detail.DependsOn);
        Assert.Empty(detail.Parameters);
        Assert.Equal(["EC2"], detail.PlatformCapabilities);
        Assert.Equal((false, false), (detail.IsCancelled, detail.IsTerminated));
    }

    [Fact]
    public void A_containers_lists_are_there_even_when_empty()
    {
        var container = JobDescriptions.Detail(ASubmission.Record(AJob.In(Submitted))).Container!;

        Assert.Equal(["sleep", "1"], container.Command!);
        Assert.Equal(("busybox", null, null), (container.Image, container.Vcpus, container.Memory));
        Assert.Equal(2, container.ResourceRequirements!.Count);
        Assert.Empty(container.Environment!);
        Assert.Empty(container.Volumes!);
        Assert.Empty(container.MountPoints!);
        Assert.Empty(container.Ulimits!);
        Assert.Empty(container.Secrets!);
        Assert.Empty(container.NetworkInterfaces);
    }

    [Fact]
    public void A_container_gives_back_every_member_of_its_definition()
    {
        // Members are copied one by one: a new one must not be forgotten.
        var container = ADefinition.Running("true").Container with
        {
            JobRoleArn = "role",
            ExecutionRoleArn = "execution",
            ReadonlyRootFilesystem = true,
            Privileged = true,
            User = "nobody",
            InstanceType = "m5.large",
            LinuxParameters = new() { MaxSwap = 1 },
            LogConfiguration = new() { LogDriver = "awslogs" },
            NetworkConfiguration = new() { AssignPublicIp = "ENABLED" },
            FargatePlatformConfiguration = new() { PlatformVersion = "LATEST" },
            EphemeralStorage = new() { SizeInGiB = 21 },
            RuntimePlatform = new() { CpuArchitecture = "ARM64" },
            RepositoryCredentials = new() { CredentialsParameter = "secret" },
            EnableExecuteCommand = true,
            Vcpus = 1,
            Memory = 4,
            Environment = [new() { Name = "A" }],
            Volumes = [new() { Name = "v" }],
            MountPoints = [new() { SourceVolume = "v" }],
            Ulimits = [new() { Name = "nofile" }],
            Secrets = [new() { Name = "s" }],
        };

        var detail = JobDescriptions.Detail(ASubmission.Record(AJob.In(Submitted), ASubmission.Spec() with { Container = container })).Container!;

        Assert.All(typeof(Model.JobDefinitions.ContainerProperties).GetProperties(), property =>
        {
            Assert.NotNull(property.GetValue(container));
            Assert.Equal(property.GetValue(container), property.GetValue(detail));
        });
    }

    [Fact]
    public void A_description_says_that_the_command_runs_on_the_host()
    {
        var runtime = JobDescriptions.Detail(ASubmission.Record(AJob.In(Submitted))).OrleansBatch!;

        Assert.Equal("process", runtime.Runtime);
        Assert.Equal("The command runs as a process of the host. The image busybox is not pulled.", runtime.Note);
    }

    [Fact]
    public void A_summary_shows_flags_only_when_they_are_up()
    {
        var plain = Summary(AJob.In(Running));
        Assert.Equal((null, null, null), (plain.IsCancelled, plain.IsTerminated, plain.Container));

        var flagged = Summary(AJob.In(Running).Then(new Cancelled("a", AJob.At(2)), new Terminated("b", AJob.At(3)), new Exited(1, 143, null, null, AJob.At(4))));
        Assert.Equal((true, true), (flagged.IsCancelled, flagged.IsTerminated));
        Assert.Equal(("FAILED", "b", 143), (flagged.Status, flagged.StatusReason, flagged.Container!.ExitCode));
        Assert.Equal((AJob.At(1).ToUnixTimeMilliseconds(), AJob.At(4).ToUnixTimeMilliseconds()), (flagged.StartedAt, flagged.StoppedAt));
    }

    [Fact]
    public void A_summary_names_job_definition_and_capacity()
    {
        var summary = Summary(AJob.In(Running));

        Assert.Equal(("arn:aws:batch:eu-central-1:123456789012:job/" + AJob.Id, AJob.Id, "n"), (summary.JobArn, summary.JobId, summary.JobName));
        Assert.Equal("arn:aws:batch:eu-central-1:123456789012:job-definition/d:4", summary.JobDefinition);
        Assert.Equal(new JobCapacityUsage { CapacityUnit = "VCPU", Quantity = 0.25 }, Assert.Single(summary.CapacityUsage!));
    }

    private static JobSummary Summary(JobState state) =>
        JobDescriptions.Summary(AJob.Home, AJob.Id, "n", "d", 4, AJob.T0, new() { VcpuMillis = 250, MemoryMiB = 512 }, state);
}
