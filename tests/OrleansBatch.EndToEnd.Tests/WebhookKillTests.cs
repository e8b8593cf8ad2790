using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>The scheduler is killed between what it records and what it tells: nothing is missing, and each job's order is kept.</summary>
public sealed class WebhookKillTests
{
    [Theory]
    [InlineData("RecordedNotDelivered", 3)]
    [InlineData("DeliveredNotStored", 5)]
    public async Task After_a_kill_every_event_arrives_and_each_jobs_in_order(string point, int count)
    {
        await using var receiver = new WebhookReceiver();
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        await CreateWebhookAsync(scheduler.Silo.Endpoint, receiver.Url);
        await scheduler.StartAsync(Settings(point, count));
        List<string> jobs = [];
        try
        {
            // It dies as the first events go out: what was acknowledged until then counts.
            while (true)
            {
                jobs.Add(await scheduler.SubmitAsync("exit 0"));
            }
        }
        catch (HttpRequestException)
        {
            await scheduler.Silo.Exited.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        await scheduler.StartAsync();
        await Eventually.True(() => jobs.TrueForAll(job => receiver.TakenOf(job).Distinct().Count() == 4));

        Assert.NotEmpty(jobs);
        foreach (var job in jobs)
        {
            // A repetition may go back behind what was told; what is new never comes before what precedes it.
            Assert.Equal([1, 2, 3, 4], receiver.TakenOf(job).Distinct());
            Assert.Equal(4, receiver.Received.Where(each => each.JobId == job).Select(each => each.Id).Distinct().Count());
        }
    }

    private static Dictionary<string, string> Settings(string point, int count) => new()
    {
        ["OrleansBatch__KillAt"] = point,
        ["OrleansBatch__KillAtCount"] = $"{count}",
    };

    private static async Task CreateWebhookAsync(Uri endpoint, string url)
    {
        using var http = new HttpClient();
        using var content = new StringContent($$"""{"name":"hook","url":"{{url}}"}""");
        using var answer = await http.PostAsync(new Uri(endpoint, "/api/webhooks"), content);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}
