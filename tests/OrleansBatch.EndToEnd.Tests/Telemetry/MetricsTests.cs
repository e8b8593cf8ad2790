namespace OrleansBatch.EndToEnd.Tests.Telemetry;

/// <summary>What Prometheus finds at <c>/metrics</c>.</summary>
public sealed class MetricsTests
{
    private const string Queue = $"queue=\"{Scheduler.Name}\"";

    [Fact]
    public async Task A_scrape_has_the_documented_names_and_types_and_they_move_with_jobs()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var good = await scheduler.SubmitAsync("true");
        _ = await scheduler.UntilEndedAsync([good]);
        var first = await UntilAsync(scheduler, scrape => scrape.Sum("orleansbatch_jobs_ended_total", Queue) == 1);

        Assert.Equal("counter", first.TypeOf("orleansbatch_jobs_submitted_total"));
        Assert.Equal("counter", first.TypeOf("orleansbatch_attempts_ended_total"));
        Assert.Equal("counter", first.TypeOf("orleansbatch_jobs_ended_total"));
        Assert.Equal("histogram", first.TypeOf("orleansbatch_job_wait_duration_seconds"));
        Assert.Equal("histogram", first.TypeOf("orleansbatch_attempt_start_duration_seconds"));
        Assert.Equal("histogram", first.TypeOf("orleansbatch_attempt_run_duration_seconds"));
        Assert.Equal("histogram", first.TypeOf("orleansbatch_store_step_duration_seconds"));

        var bad = await scheduler.SubmitAsync("exit 1", attempts: 2);
        _ = await scheduler.UntilEndedAsync([bad]);
        var second = await UntilAsync(scheduler, scrape => scrape.Sum("orleansbatch_jobs_ended_total", Queue) == 2);

        Assert.Equal(1, Moved("orleansbatch_jobs_submitted_total", Queue));
        Assert.Equal(1, Moved("orleansbatch_jobs_ended_total", Queue, "status=\"FAILED\""));
        Assert.Equal(0, Moved("orleansbatch_jobs_ended_total", Queue, "status=\"SUCCEEDED\""));
        Assert.Equal(2, Moved("orleansbatch_attempts_ended_total", Queue, "outcome=\"failed\""));
        Assert.Equal(2, Moved("orleansbatch_job_wait_duration_seconds_count", Queue));
        Assert.Equal(2, Moved("orleansbatch_attempt_start_duration_seconds_count", Queue));
        Assert.Equal(2, Moved("orleansbatch_attempt_run_duration_seconds_count", Queue));
        Assert.True(Moved("orleansbatch_store_step_duration_seconds_count") > 0);

        double Moved(string name, params string[] labels) => second.Sum(name, labels) - first.Sum(name, labels);
    }

    /// <summary>A scrape is kept for a moment, so one that follows soon may be the same.</summary>
    private static async Task<Scrape> UntilAsync(Scheduler scheduler, Func<Scrape, bool> wanted)
    {
        Scrape? scrape = null;
        await Testing.Eventually.True(() => wanted(scrape = Scrape.OfAsync(scheduler.Silo.Endpoint).GetAwaiter().GetResult()));
        return scrape!;
    }
}
