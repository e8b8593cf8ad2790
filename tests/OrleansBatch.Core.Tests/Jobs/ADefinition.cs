using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>Job definitions that are good as they are.</summary>
internal static class ADefinition
{
    public static JobDefinition Running(params string[] command) => new()
    {
        Name = "work",
        Revision = 1,
        IsActive = true,
        Type = "container",
        Container = new() { Image = "busybox", Command = command, ResourceRequirements = Needs("1", "256") },
    };

    public static JobDefinition OnFargate(string vcpus = "0.25", string memory = "512") => Running("true") with
    {
        PlatformCapabilities = ["FARGATE"],
        Container = new() { Image = "busybox", Command = ["true"], ResourceRequirements = Needs(vcpus, memory) },
    };

    public static JobDefinition Legacy(int vcpus, int memory) => Running("true") with
    {
        Container = new() { Image = "busybox", Command = ["true"], Vcpus = vcpus, Memory = memory },
    };

    public static ResourceRequirement[] Needs(string? vcpus = null, string? memory = null, string? gpus = null)
    {
        (string Type, string? Value)[] given = [("VCPU", vcpus), ("MEMORY", memory), ("GPU", gpus)];
        return [.. given.Where(need => need.Value is not null).Select(need => new ResourceRequirement { Type = need.Type, Value = need.Value })];
    }
}

/// <summary>Submissions that are good as they are.</summary>
internal static class ASubmission
{
    public static QueueAdmission Queue { get; } = new("default", IsEnabled: true, IsDeleting: false, ["EC2", "FARGATE"]);

    public static SubmitJobRequest Of(JobDefinition definition) =>
        new() { JobName = "a-job", JobQueue = "default", JobDefinition = $"{definition.Name}:{definition.Revision}" };

    public static SubmitJobRequest With(this SubmitJobRequest request, ContainerOverrides overrides) => request with { ContainerOverrides = overrides };

    public static JobSpec Spec(JobDefinition? definition = null, Func<SubmitJobRequest, SubmitJobRequest>? with = null)
    {
        definition ??= ADefinition.Running("sleep", "1");
        var request = Of(definition);
        return Submission.Prepare(with?.Invoke(request) ?? request, definition, Queue, AJob.Home);
    }

    public static JobRecord Record(JobState state, JobSpec? spec = null) => new()
    {
        JobId = AJob.Id,
        Scope = AJob.Home,
        Sequence = 1,
        Version = 1,
        CreatedAt = AJob.T0,
        Spec = spec ?? Spec(),
        State = state,
    };
}
