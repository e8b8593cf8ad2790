using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task Events_shows_what_happened_to_a_job_in_order()
    {
        var job = await EndedAsync("exit 3");

        var table = (await ConsoleAsync("events", job)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, table.Length);
        Assert.Matches($@"^\S+Z  {job}    4  FAILED     \S+  Essential container in task exited$", table[3]);

        var lines = (await ConsoleAsync("events", job, "--after", "1", "-o", "json")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["STARTING", "RUNNING", "FAILED"], lines.Select(line => (string)JsonNode.Parse(line)!["detail"]!["status"]!));
        Assert.Equal(4, (await ConsoleAsync("events", "0a8c2f6e-3f5b-4a52-9d0a-6c1f0f2b7d11")).ExitCode);
    }

    [Fact]
    public async Task Webhooks_are_made_changed_listed_and_deleted()
    {
        await using var receiver = new WebhookReceiver();
        var name = $"hook-{Guid.NewGuid():N}";
        Assert.Equal(new(0, $"{name} created\n", ""), await ConsoleAsync("webhooks", "create", name, "--url", receiver.Url, "--status", "SUCCEEDED"));
        var job = await EndedAsync("true");
        await Eventually.True(() => receiver.TakenOf(job).Any());
        Assert.Equal([4], receiver.TakenOf(job));

        Assert.Equal(new(0, $"{name} changed\n", ""), await ConsoleAsync("webhooks", "update", name, "--state", "DISABLED", "--retries", "0"));
        var listed = JsonNode.Parse((await ConsoleAsync("webhooks", "-o", "json")).Out)!["webhooks"]!.AsArray().Single(hook => (string)hook!["name"]! == name)!;
        Assert.Equal(("DISABLED", 0, receiver.Url), ((string)listed["state"]!, (int)listed["maximumRetryAttempts"]!, (string)listed["url"]!));
        Assert.Equal(new(0, "", ""), await ConsoleAsync("webhooks", "dead-letters", name));
        Assert.Equal(new(0, "0 delivered, 0 failed again\n", ""), await ConsoleAsync("webhooks", "redrive", name));
        Assert.Equal(0, (await ConsoleAsync("webhooks", "delete", name)).ExitCode);
        Assert.DoesNotContain(name, (await ConsoleAsync("webhooks")).Out, StringComparison.Ordinal);
    }
}
