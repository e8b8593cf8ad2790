using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Tests.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>What a process is told of its GPUs.</summary>
public sealed class GpuOrderTests
{
    [Fact]
    public void An_attempt_with_GPUs_is_told_which_and_the_job_cannot_say_otherwise()
    {
        var spec = ASubmission.Spec(with: request => request.With(new() { Environment = [new() { Name = "CUDA_VISIBLE_DEVICES", Value = "7" }] }));

        var variables = LaunchOrders.For(ASubmission.Record(On([1, 3]), spec), "EC2").Environment.GroupBy(variable => variable.Key).ToDictionary(same => same.Key, same => same.Last().Value);

        Assert.Equal("1,3", variables["CUDA_VISIBLE_DEVICES"]);
        Assert.Equal("1,3", variables["NVIDIA_VISIBLE_DEVICES"]);
        Assert.Equal("PCI_BUS_ID", variables["CUDA_DEVICE_ORDER"]);
    }

    [Fact]
    public void One_without_is_told_nothing() =>
        Assert.DoesNotContain(LaunchOrders.For(ASubmission.Record(AJob.In(JobStatus.Starting)), "EC2").Environment, variable => variable.Key.Contains("VISIBLE_DEVICES", StringComparison.Ordinal));

    [Fact]
    public void Each_container_of_a_job_of_several_has_its_own_of_them()
    {
        var definition = ATask.Of(
            ATask.Container("one") with { ResourceRequirements = ADefinition.Needs("1", "64", "1") },
            ATask.Container("none"),
            ATask.Container("two") with { ResourceRequirements = ADefinition.Needs("1", "64", "2") }).Definition();
        var spec = Submission.Prepare(ASubmission.Of(definition), definition, ASubmission.Queue, AJob.Home);

        var containers = LaunchOrders.For(ASubmission.Record(On([0, 2, 5]), spec), "EC2").Containers;

        Assert.Equal(3, spec.Needs.Gpus);
        Assert.Equal(["0", null, "2,5"], containers.Select(container => container.Environment.Where(variable => variable.Key == "CUDA_VISIBLE_DEVICES").Select(variable => variable.Value).SingleOrDefault()));
    }

    private static JobState On(IReadOnlyList<int> gpus) => AJob.In(JobStatus.Runnable).Then(new JobEvent.Placed(AJob.Place(taskId: "0123456789abcdef0123456789abcdef") with { Gpus = gpus }));
}
