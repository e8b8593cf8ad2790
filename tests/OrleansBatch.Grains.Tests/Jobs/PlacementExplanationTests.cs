using OrleansBatch.Model;

namespace OrleansBatch.Grains.Tests.Jobs;

/// <summary>Why a job is where it is.</summary>
public sealed class PlacementExplanationTests(ClusterFixture fixture)
{
    private readonly Batch _batch = fixture.Batch;

    [Fact]
    public async Task A_job_on_a_host_is_told_which_and_why()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 2);
        var job = await _batch.SubmitAsync(queue);
        await _batch.StartedAsync(await _batch.LaunchOfAsync(queue));

        var explanation = await _batch.Jobs.Explain(job, CancellationToken.None);

        Assert.Equal(("RUNNING", queue, "machine.2"), (explanation.Status, explanation.ComputeEnvironment, explanation.Host!.InstanceType));
        Assert.Contains($"host {explanation.Host.HostId} (machine.2) of compute environment {queue}", explanation.Explanation, StringComparison.Ordinal);
        Assert.Contains("cheapest for what waits", explanation.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_waits_is_told_for_what_and_how_many_stand_before_it()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        _ = await _batch.SubmitAsync(queue);
        await _batch.StartedAsync(await _batch.LaunchOfAsync(queue));
        var head = await _batch.SubmitAsync(queue);
        var last = await _batch.SubmitAsync(queue);
        await Batch.UntilAsync(async () => (await _batch.Jobs.Explain(last, CancellationToken.None)).Explanation == "One job of its queue stands before it.");

        var explanation = await _batch.Jobs.Explain(head, CancellationToken.None);

        Assert.Equal("It is at the head of its queue and waits for capacity.", explanation.Explanation);
        var environment = Assert.Single(explanation.Environments);
        Assert.Equal((queue, "BUSY"), (environment.ComputeEnvironment, environment.Outlook));
        Assert.Equal("maxvCpus ≥ 2", Assert.Single(environment.WouldHelp));
    }

    [Fact]
    public async Task A_job_that_can_never_run_is_told_what_would_help()
    {
        var queue = await _batch.SetUpAsync(maxvCpus: 2);
        await _batch.RegisterAsync($"{queue}-four", vcpus: 4);
        var job = await _batch.SubmitAsync(queue, definition: $"{queue}-four");
        await Batch.UntilAsync(async () => (await _batch.DescribeAsync(job)).StatusReason is not null);

        var explanation = await _batch.Jobs.Explain(job, CancellationToken.None);

        Assert.StartsWith("It holds up its queue: MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", explanation.Explanation, StringComparison.Ordinal);
        Assert.Equal(("MAXIMUM_TOO_LOW", "instance type machine.4 and maxvCpus ≥ 4"), (explanation.Environments[0].Outlook, explanation.Environments[0].WouldHelp.Single()));
    }

    [Fact]
    public async Task A_job_that_does_not_exist_is_refused_and_one_that_has_ended_says_so()
    {
        await Assert.ThrowsAsync<BatchClientException>(() => _batch.Jobs.Explain(Guid.NewGuid().ToString(), CancellationToken.None));
        var queue = await _batch.SetUpAsync(maxvCpus: 1);
        var job = await _batch.SubmitAsync(queue);
        await _batch.RunAsync(queue, 0);

        Assert.Equal("It has ended.", (await _batch.Jobs.Explain(job, CancellationToken.None)).Explanation);
    }
}
