using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests.Telemetry;

/// <summary>The trace of a job, as a collector gets it from the programs.</summary>
public sealed class TraceTests
{
    private const string Silo = "orleansbatch-silo";
    private const string Agent = "orleansbatch-agent";

    private static readonly string[] OfSilos = ["api.submit", "job.submit", "store.commit", "job.wait", "attempt.start", "attempt.run", "job"];
    private static readonly string[] OfAgents = ["agent.launch", "agent.run", "agent.report"];

    [Fact]
    public async Task A_jobs_trace_goes_through_api_grains_store_and_the_agent_of_another_machine()
    {
        await using var collector = await Collector.StartAsync();
        await using var agent = new RemoteAgent();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(collector.Settings, agent.SchedulersOptions);
        agent.Start(lease: 60, collector.Settings);
        await RemoteAgent.SetUpPoolAsync(scheduler);

        var job = await scheduler.SubmitAsync("exit 3");

        _ = await scheduler.UntilEndedAsync([job]);
        await HearAsync(collector, job, (Silo, OfSilos), (Agent, OfAgents));
        var spans = collector.Told.Of(job);

        // One trace, and all its parts are of one whole: whoever works for the job knows it by the job's id.
        Assert.Single(spans.Where(span => OfSilos.Contains(span.Name) || OfAgents.Contains(span.Name)).Select(span => span.ParentId).Distinct());
        Assert.All(spans.Where(span => span.Service == Agent), span => Assert.Equal(RemoteAgent.NodeId, span.Tags["orleansbatch.node.id"]));
        Assert.Equal("3", spans.Single(span => span.Name == "agent.run").Tags["orleansbatch.attempt.exit_code"]);
        Assert.All(spans, span => Assert.True(span.From <= span.To, span.ToString()));
        Assert.DoesNotContain(spans, span => span.Service == Silo && OfAgents.Contains(span.Name));
    }

    [Fact]
    public async Task The_agent_in_a_silos_own_process_tells_the_same_of_every_child_of_an_array()
    {
        await using var collector = await Collector.StartAsync();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(collector.Settings);
        await scheduler.SetUpAsync(maxvCpus: 4);

        var answer = await scheduler.Client.CallAsync("SubmitJob", scheduler.Request("true", attempts: 1, size: 2));
        var job = (string)answer["jobId"]!;

        _ = await scheduler.UntilEndedAsync([job]);
        await HearAsync(collector, $"{job}:0", (Silo, OfAgents));
        await HearAsync(collector, $"{job}:1", (Silo, OfAgents));
    }

    [Fact]
    public async Task A_requests_own_trace_has_a_link_to_that_of_its_job()
    {
        await using var collector = await Collector.StartAsync();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(collector.Settings);
        await scheduler.SetUpAsync(maxvCpus: 4);

        var job = await scheduler.SubmitAsync("true");

        await HearAsync(collector, job, (Silo, ["api.submit"]));
        var request = collector.Told.Of(job).Single(span => span.Name == "api.submit").Tags["orleansbatch.request.trace_id"];
        await Eventually.True(() => collector.Told.Spans.Any(span => span.TraceId == request && span.Name.StartsWith("POST", StringComparison.Ordinal) && span.Links.Contains(TraceOf(job))));
    }

    [Fact]
    public async Task The_standards_own_settings_hold()
    {
        await using var collector = await Collector.StartAsync();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync(new Dictionary<string, string>(collector.Settings) { ["OTEL_SERVICE_NAME"] = "mine" });
        await scheduler.SetUpAsync(maxvCpus: 4);

        var job = await scheduler.SubmitAsync("true");

        await HearAsync(collector, job, ("mine", ["job.submit"]));
        await Eventually.True(() => collector.Told.Metrics.Contains(("mine", "orleansbatch.jobs.submitted")));
    }

    private static string TraceOf(string job) => job.Replace("-", "", StringComparison.Ordinal);

    /// <summary>Waits until all these spans of a job have come.</summary>
    private static async Task HearAsync(Collector collector, string job, params (string Service, string[] Names)[] wanted)
    {
        var trace = TraceOf(job.Split(':')[0]);
        await Eventually.True(
            () => wanted.All(each => each.Names.All(name => collector.Told.Spans.Any(
                span => span.TraceId == trace && span.Name == name && span.Service == each.Service && span.Tags["orleansbatch.job.id"] == job))),
            TimeProvider.System,
            $"all spans of {job}; there are {string.Join(", ", collector.Told.Of(job).Select(span => $"{span.Service} {span.Name}"))}");
    }
}
