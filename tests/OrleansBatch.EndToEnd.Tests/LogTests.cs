using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>The logs of real jobs, found and read as CloudWatch Logs clients do.</summary>
public sealed class LogTests
{
    private const string Group = "/aws/batch/job";

    [Fact]
    public async Task Streams_are_found_while_their_jobs_run_and_after_and_their_lines_filtered_over_all_of_them()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var first = await scheduler.SubmitAsync("echo alpha 1; echo beta 1");
        _ = await scheduler.UntilEndedAsync([first]);
        var failing = await scheduler.SubmitAsync("echo alpha 2; exit 3", attempts: 2);
        _ = await scheduler.UntilEndedAsync([failing]);
        var live = await scheduler.SubmitAsync("echo alpha live; sleep 60");
        _ = await scheduler.UntilAsync([live], job => Scheduler.Status(job) == "RUNNING");
        await Eventually.True(() => Messages(scheduler, new { logGroupName = Group, filterPattern = "live" }).GetAwaiter().GetResult().Count == 1);

        Assert.Equal(
            ["alpha 1", "alpha 2", "alpha 2", "alpha live", "beta 1"], (await Messages(scheduler, new { logGroupName = Group })).Order(StringComparer.Ordinal));
        Assert.Equal(["alpha 1", "alpha 2", "alpha 2", "alpha live"], await PagedAsync(scheduler, "alpha"));
        Assert.Equal(["alpha live", "alpha 2", "alpha 2", "alpha 1"], await Messages(
            scheduler, new { logGroupIdentifier = $"arn:aws:logs:us-east-1:123456789012:log-group:{Group}:*", filterPattern = "alpha", startFromHead = false, startTime = 1_704_067_200_000 }));
        Assert.Equal(["beta 1"], await Messages(scheduler, new { logGroupName = Group, logStreamNames = new[] { await StreamOfAsync(scheduler, first) }, filterPattern = "-alpha" }));
        Assert.Empty(await Messages(scheduler, new { logGroupName = Group, logStreamNamePrefix = "nothing" }));
        Assert.Empty(await Messages(scheduler, new { logGroupName = Group, endTime = 1_000 }));
        Assert.Empty(await Messages(scheduler, new { logGroupName = Group, startTime = 9_000_000_000_000 }));

        var streams = await StreamsAsync(scheduler, new { logGroupName = Group, limit = 1 });
        Assert.Equal(4, streams.Count);
        Assert.Equal(streams.Select(Name).Order(StringComparer.Ordinal), streams.Select(Name));
        Assert.Equal(streams.Select(Name).Reverse(), (await StreamsAsync(scheduler, new { logGroupName = Group, descending = true, limit = 3 })).Select(Name));
        var newest = (await StreamsAsync(scheduler, new { logGroupName = Group, orderBy = "LastEventTime", descending = true }))[0];
        Assert.Equal(await StreamOfAsync(scheduler, live), Name(newest));
        Assert.Equal($"arn:aws:logs:us-east-1:123456789012:log-group:{Group}:log-stream:{Name(newest)}", (string)newest["arn"]!);
        Assert.InRange((long)newest["lastEventTimestamp"]!, (long)newest["creationTime"]!, long.MaxValue);
        _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = live, reason = "enough" });
    }

    [Fact]
    public async Task A_group_exists_from_its_first_use_and_what_does_not_exist_is_said()
    {
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        Assert.Equal([Group], await GroupsAsync(scheduler, new { }));
        await RefusedAsync("The specified log group does not exist.", () => scheduler.Client.LogsAsync("FilterLogEvents", new { logGroupName = "mine" }));
        await RefusedAsync("The specified log group does not exist.", () => scheduler.Client.LogsAsync("DescribeLogStreams", new { logGroupName = "mine" }));
        await RefusedAsync("The specified log group does not exist.", () => scheduler.Client.LogsAsync("GetLogEvents", new { logGroupName = "mine", logStreamName = "s" }));
        await RefusedAsync("The specified log stream does not exist.", () => scheduler.Client.LogsAsync("GetLogEvents", new { logGroupName = Group, logStreamName = "s" }));
        await RefusedAsync("The specified log stream does not exist.", () => scheduler.Client.LogsAsync("FilterLogEvents", new { logGroupName = Group, logStreamNames = new[] { "s" } }));

        _ = await scheduler.Client.CallAsync("RegisterJobDefinition", new
        {
            jobDefinitionName = "mine",
            type = "container",
            containerProperties = new
            {
                image = "host",
                command = new[] { "/bin/echo", "hello" },
                resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } },
                logConfiguration = new { logDriver = "awslogs", options = new Dictionary<string, string> { ["awslogs-group"] = "mine", ["awslogs-stream-prefix"] = "pre" } },
            },
        });
        var job = await scheduler.Client.SubmitAsync(new { jobName = "j", jobQueue = Scheduler.Name, jobDefinition = "mine" });
        _ = await scheduler.UntilEndedAsync([job]);

        Assert.Equal([Group, "mine"], await GroupsAsync(scheduler, new { limit = 1 }));
        Assert.Equal(["mine"], await GroupsAsync(scheduler, new { logGroupNamePrefix = "m" }));
        Assert.Equal(["mine"], await GroupsAsync(scheduler, new { logGroupNamePattern = "in" }));
        Assert.Equal([Group], await GroupsAsync(scheduler, new { logGroupIdentifiers = new[] { Group, "none" } }));
        Assert.Equal(["hello"], await Messages(scheduler, new { logGroupName = "mine", logStreamNamePrefix = "pre/default/" }));
        Assert.Empty(await Messages(scheduler, new { logGroupName = Group }));
    }

    [Fact]
    public async Task The_aws_command_pages_through_all_of_it_and_follows_a_group()
    {
        Assert.SkipUnless(AwsCli.IsInstalled, "The aws command is not installed.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 4);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => scheduler.SubmitAsync("for i in 1 2 3 4; do echo line $i; done")));
        _ = await scheduler.UntilEndedAsync([.. jobs]);
        var aws = new AwsCli(scheduler.Silo.Endpoint);

        var events = (await aws.RunAsync("logs", "filter-log-events", "--log-group-name", Group, "--page-size", "3", "--filter-pattern", "\"line 2\""))["events"]!.AsArray();
        Assert.Equal(5, events.Count);
        Assert.Equal(5, events.Select(one => (string)one!["eventId"]!).Distinct().Count());
        Assert.Equal(5, (await aws.RunAsync("logs", "describe-log-streams", "--log-group-name", Group, "--page-size", "2"))["logStreams"]!.AsArray().Count);
        Assert.Single((await aws.RunAsync("logs", "describe-log-groups"))["logGroups"]!.AsArray());
        Assert.Contains("ResourceNotFoundException", await aws.RefusedAsync("logs", "filter-log-events", "--log-group-name", "none"), StringComparison.Ordinal);
    }

    private static async Task<List<string>> Messages(Scheduler scheduler, object request) =>
        [.. (await AllAsync(scheduler, "FilterLogEvents", "events", request)).Select(one => (string)one["message"]!)];

    private static Task<List<string>> PagedAsync(Scheduler scheduler, string pattern) =>
        Messages(scheduler, new { logGroupName = Group, filterPattern = pattern, limit = 1 });

    private static Task<List<JsonNode>> StreamsAsync(Scheduler scheduler, object request) => AllAsync(scheduler, "DescribeLogStreams", "logStreams", request);

    private static async Task<IEnumerable<string>> GroupsAsync(Scheduler scheduler, object request) =>
        (await AllAsync(scheduler, "DescribeLogGroups", "logGroups", request)).Select(group => (string)group["logGroupName"]!);

    private static async Task<List<JsonNode>> AllAsync(Scheduler scheduler, string operation, string member, object request)
    {
        var asked = System.Text.Json.JsonSerializer.SerializeToNode(request)!.AsObject();
        List<JsonNode> all = [];
        while (true)
        {
            var page = await scheduler.Client.LogsAsync(operation, asked);
            all.AddRange(page[member]!.AsArray().Select(one => one!));
            if (page["nextToken"] is not { } token)
            {
                return all;
            }

            asked["nextToken"] = (string)token!;
        }
    }

    private static async Task<string> StreamOfAsync(Scheduler scheduler, string jobId) => (string)(await scheduler.DescribeAsync(jobId))["container"]!["logStreamName"]!;

    private static string Name(JsonNode stream) => (string)stream["logStreamName"]!;

    private static async Task RefusedAsync(string message, Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<BatchCallException>(call);
        Assert.Equal((400, "ResourceNotFoundException"), (refused.Status, refused.Type));
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }
}
