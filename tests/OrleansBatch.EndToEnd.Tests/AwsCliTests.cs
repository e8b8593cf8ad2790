using System.Globalization;
using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>What a user does with the real command line, from the first environment to the last exit code.</summary>
public sealed class AwsCliTests(ITestOutputHelper output)
{
    private const string ResourceRequirements = """[{"type":"VCPU","value":"1"},{"type":"MEMORY","value":"64"}]""";

    [Fact]
    public async Task Two_hundred_jobs_of_mixed_outcome_are_submitted_listed_read_cancelled_and_terminated()
    {
        Assert.SkipUnless(AwsCli.IsInstalled, "The aws command is not installed.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var aws = new AwsCli(scheduler.Silo.Endpoint);
        await SetUpAsync(aws);
        await SetUpHeldQueueAsync(aws);

        // Those that wait: their queue's one vCPU is held.
        var holder = await SubmitAsync(aws, "held", "exec sleep 3600");
        var traps = await SubmitAsync(aws, "mixed", "trap 'echo trapped; exit 0' TERM; echo up; while :; do sleep 0.1; done", attempts: 3);
        var ignores = await SubmitAsync(aws, "mixed", "trap '' TERM; echo up; while :; do sleep 0.1; done", attempts: 3);
        _ = await scheduler.UntilAsync([holder, traps, ignores], job => Scheduler.Status(job) == "RUNNING");
        var waiting = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SubmitAsync(aws, "held", "exit 0")));
        await Eventually.True(() => LogHas(scheduler, traps) && LogHas(scheduler, ignores));
        _ = await aws.RunAsync("batch", "terminate-job", "--job-id", ignores, "--reason", "told to end");

        var mixed = await Task.WhenAll(Enumerable.Range(0, 187).Select(i => SubmitAsync(aws, "mixed", Script(i), attempts: i % 5 == 4 ? 2 : 1)));
        foreach (var id in waiting)
        {
            _ = await aws.RunAsync("batch", "cancel-job", "--job-id", id, "--reason", "not needed");
        }

        _ = await aws.RunAsync("batch", "terminate-job", "--job-id", traps, "--reason", "told to end");
        _ = await aws.RunAsync("batch", "terminate-job", "--job-id", holder, "--reason", "told to end");

        var all = (await scheduler.UntilEndedAsync([.. mixed, .. waiting, holder, traps, ignores])).ToDictionary(job => (string)job["jobId"]!);
        for (var i = 0; i < mixed.Length; i++)
        {
            CheckMixed(all[mixed[i]], i);
        }

        Assert.All(waiting, id => CheckCancelled(all[id]));
        CheckTerminated(all[holder], exitCode: 143);
        CheckTerminated(all[traps], exitCode: 0);
        CheckTerminated(all[ignores], exitCode: 137);
        await CheckListsAsync(aws, mixed.Length);
        await CheckLogsAsync(aws, all[mixed[1]], "job 1");
        await CheckLogsAsync(aws, all[traps], "up", "trapped");
        output.WriteLine($"{all.Count} jobs");
    }

    [Fact]
    public async Task What_is_wrong_is_refused_in_the_words_that_clients_look_for()
    {
        Assert.SkipUnless(AwsCli.IsInstalled, "The aws command is not installed.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var aws = new AwsCli(scheduler.Silo.Endpoint);
        await SetUpAsync(aws);

        Assert.Contains("does not exist", await aws.RefusedAsync("batch", "submit-job", "--job-name", "a", "--job-queue", "nowhere", "--job-definition", "mixed"), StringComparison.Ordinal);
        Assert.Contains("is not in ACTIVE status", await aws.RefusedAsync("batch", "submit-job", "--job-name", "a", "--job-queue", "mixed", "--job-definition", "nothing"), StringComparison.Ordinal);
        Assert.Contains("Unable to substitute value. No parameter found for reference script", await aws.RefusedAsync("batch", "submit-job", "--job-name", "a", "--job-queue", "mixed", "--job-definition", "mixed"), StringComparison.Ordinal);
        Assert.Contains("ClientException", await aws.RefusedAsync("batch", "submit-job", "--job-name", "a", "--job-queue", "mixed", "--job-definition", "mixed", "--array-properties", "size=5"), StringComparison.Ordinal);
        Assert.Contains("found existing JobQueue relationship", await RefusedDeleteAsync(aws), StringComparison.Ordinal);
        Assert.Empty((await aws.RunAsync("batch", "describe-jobs", "--jobs", Guid.NewGuid().ToString()))["jobs"]!.AsArray());
        Assert.Empty((await new AwsCli(scheduler.Silo.Endpoint, "eu-west-1").RunAsync("batch", "describe-job-queues"))["jobQueues"]!.AsArray());
    }

    [Fact]
    public async Task Who_calls_is_told_and_tags_are_set_listed_and_removed_by_arn()
    {
        Assert.SkipUnless(AwsCli.IsInstalled, "The aws command is not installed.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var aws = new AwsCli(scheduler.Silo.Endpoint);
        await SetUpAsync(aws);
        Assert.Equal("arn:aws:iam::123456789012:root", (string)(await aws.RunAsync("sts", "get-caller-identity"))["Arn"]!);
        Assert.Contains("InvalidAction", await aws.RefusedAsync("sts", "get-session-token"), StringComparison.Ordinal);
        var job = await SubmitAsync(aws, "mixed", "exit 0");
        _ = await scheduler.UntilEndedAsync([job]);

        foreach (var path in new[] { "job-queue/mixed", "compute-environment/mixed", "job-definition/mixed:1", $"job/{job}" })
        {
            var arn = "arn:aws:batch:us-east-1:123456789012:" + path;
            _ = await aws.RunAsync("batch", "tag-resource", "--resource-arn", arn, "--tags", """{"team":"a/b","cost centre":"größe"}""");
            Assert.Equal("größe", (string)(await aws.RunAsync("batch", "list-tags-for-resource", "--resource-arn", arn))["tags"]!["cost centre"]!);
            _ = await aws.RunAsync("batch", "untag-resource", "--resource-arn", arn, "--tag-keys", "cost centre", "none");
            Assert.Equal(["team"], (await aws.RunAsync("batch", "list-tags-for-resource", "--resource-arn", arn))["tags"]!.AsObject().Select(tag => tag.Key));
        }

        Assert.Contains("does not exist", await aws.RefusedAsync("batch", "list-tags-for-resource", "--resource-arn", "arn:aws:batch:us-east-1:123456789012:job-queue/none"), StringComparison.Ordinal);
        Assert.Contains("service environment", await aws.RefusedAsync("batch", "list-tags-for-resource", "--resource-arn", "arn:aws:batch:us-east-1:123456789012:service-environment/p"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_array_is_submitted_counted_and_its_children_are_listed()
    {
        Assert.SkipUnless(AwsCli.IsInstalled, "The aws command is not installed.");
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        var aws = new AwsCli(scheduler.Silo.Endpoint);
        await SetUpAsync(aws);
        var gate = Path.Combine(scheduler.Witnesses, "gate");
        var script = $"echo child $AWS_BATCH_JOB_ARRAY_INDEX of $AWS_BATCH_JOB_ARRAY_SIZE; [ $AWS_BATCH_JOB_ARRAY_INDEX != 0 ] || while [ ! -e {gate} ]; do sleep 0.05; done; [ $AWS_BATCH_JOB_ARRAY_INDEX != 2 ]";
        var array = (string)(await aws.RunAsync(
            "batch", "submit-job", "--job-name", "array", "--job-queue", "mixed", "--job-definition", "mixed", "--array-properties", "size=5",
            "--parameters", new JsonObject { ["script"] = script }.ToJsonString()))["jobId"]!;
        _ = await scheduler.UntilEndedAsync([.. Enumerable.Range(1, 4).Select(index => $"{array}:{index}")]);
        _ = await scheduler.UntilRunningAsync([$"{array}:0"]);

        Assert.Equal(("PENDING", 1, 3, 1), await CountedAsync(aws, array));
        Assert.Equal<IReadOnlyList<int>>([0], await ChildrenAsync(aws, array));
        Assert.Equal<IReadOnlyList<int>>([1, 3, 4], await ChildrenAsync(aws, array, "--job-status", "SUCCEEDED"));
        Assert.Equal(array, (string)Assert.Single(await ListAsync(aws, "mixed", "PENDING"))!["jobId"]!);

        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        var parent = Assert.Single(await scheduler.UntilEndedAsync([array]));
        Assert.Equal("Array Child Job failed", (string)parent["statusReason"]!);
        Assert.Equal(("FAILED", 0, 4, 1), await CountedAsync(aws, array));
        Assert.Equal<IReadOnlyList<int>>([2], await ChildrenAsync(aws, array, "--job-status", "FAILED"));
        Assert.Equal<IReadOnlyList<int>>([0, 1, 3, 4], await ChildrenAsync(aws, array, "--job-status", "SUCCEEDED", "--page-size", "2"));
        await CheckLogsAsync(aws, await scheduler.DescribeAsync($"{array}:4"), "child 4 of 5");
    }

    private static async Task<(string Status, int Running, int Succeeded, int Failed)> CountedAsync(AwsCli aws, string array)
    {
        var job = (await aws.RunAsync("batch", "describe-jobs", "--jobs", array))["jobs"]![0]!;
        var summary = job["arrayProperties"]!["statusSummary"]!.AsObject();
        Assert.Equal((5, 7), ((int)job["arrayProperties"]!["size"]!, summary.Count));
        return ((string)job["status"]!, (int)summary["RUNNING"]!, (int)summary["SUCCEEDED"]!, (int)summary["FAILED"]!);
    }

    private static async Task<IReadOnlyList<int>> ChildrenAsync(AwsCli aws, string array, params string[] options) =>
    [
        .. (await aws.RunAsync(["batch", "list-jobs", "--array-job-id", array, .. options]))["jobSummaryList"]!.AsArray()
            .Select(child => (int)child!["arrayProperties"]!["index"]!),
    ];

    private static async Task<string> RefusedDeleteAsync(AwsCli aws)
    {
        _ = await aws.RunAsync("batch", "update-compute-environment", "--compute-environment", "mixed", "--state", "DISABLED");
        return await aws.RefusedAsync("batch", "delete-compute-environment", "--compute-environment", "mixed");
    }

    private static async Task SetUpAsync(AwsCli aws)
    {
        _ = await CreateEnvironmentAsync(aws, "mixed", 256);
        _ = await aws.RunAsync("batch", "create-job-queue", "--job-queue-name", "mixed", "--priority", "1", "--compute-environment-order", "order=1,computeEnvironment=mixed");
        var definition = await aws.RunAsync(
            "batch", "register-job-definition", "--job-definition-name", "mixed", "--type", "container",
            "--container-properties", $$"""{"image":"busybox","command":["/bin/sh","-c","Ref::script"],"resourceRequirements":{{ResourceRequirements}}}""");
        Assert.Equal(1, (int)definition["revision"]!);
    }

    private static async Task SetUpHeldQueueAsync(AwsCli aws)
    {
        _ = await CreateEnvironmentAsync(aws, "held", 1);
        _ = await aws.RunAsync("batch", "create-job-queue", "--job-queue-name", "held", "--priority", "1", "--compute-environment-order", "order=1,computeEnvironment=held");
        var environment = (await aws.RunAsync("batch", "describe-compute-environments", "--compute-environments", "held"))["computeEnvironments"]![0]!;
        Assert.Equal(("VALID", "ENABLED"), ((string)environment["status"]!, (string)environment["state"]!));
    }

    private static Task<JsonNode> CreateEnvironmentAsync(AwsCli aws, string name, int maxvCpus) => aws.RunAsync(
        "batch", "create-compute-environment", "--compute-environment-name", name, "--type", "MANAGED",
        "--compute-resources", $"type=EC2,minvCpus=0,maxvCpus={maxvCpus},instanceTypes=default_arm64,instanceRole=ecsInstanceRole,subnets=subnet-1,securityGroupIds=sg-1");

    private static async Task<string> SubmitAsync(AwsCli aws, string queue, string script, int attempts = 1) => (string)(await aws.RunAsync(
        "batch", "submit-job", "--job-name", $"{queue}-job", "--job-queue", queue, "--job-definition", "mixed",
        "--parameters", new JsonObject { ["script"] = script }.ToJsonString(),
        "--retry-strategy", $"attempts={attempts.ToString(CultureInfo.InvariantCulture)}"))["jobId"]!;

    /// <summary>Succeeds, fails, is killed by a signal of its own, cannot be found, or is tried twice.</summary>
    private static string Script(int i) => (i % 5) switch
    {
        0 => $"echo job {i}",
        1 => $"echo job {i}; exit 3",
        2 => $"echo job {i}; kill -9 $$",
        3 => $"echo job {i}; exec /no/such/program",
        _ => $"echo job {i}; [ $AWS_BATCH_JOB_ATTEMPT = 2 ]",
    };

    private static void CheckMixed(JsonObject job, int i)
    {
        var (status, exitCode, attempts) = (i % 5) switch
        {
            0 => ("SUCCEEDED", 0, 1),
            1 => ("FAILED", 3, 1),
            2 => ("FAILED", 137, 1),
            3 => ("FAILED", 127, 1),
            _ => ("SUCCEEDED", 0, 2),
        };
        Assert.Equal((status, exitCode, attempts), (Scheduler.Status(job), (int)job["container"]!["exitCode"]!, job["attempts"]!.AsArray().Count));
        Assert.Equal("Essential container in task exited", (string)job["statusReason"]!);
        Assert.True((long)job["createdAt"]! <= (long)job["startedAt"]! && (long)job["startedAt"]! <= (long)job["stoppedAt"]!);
        Assert.False((bool)job["isCancelled"]! || (bool)job["isTerminated"]!);
        Assert.All(job["attempts"]!.AsArray(), attempt => Assert.NotNull((string?)attempt!["container"]!["logStreamName"]));
    }

    private static void CheckCancelled(JsonObject job)
    {
        Assert.Equal(("FAILED", "not needed"), (Scheduler.Status(job), (string)job["statusReason"]!));
        Assert.True((bool)job["isCancelled"]!);
        Assert.Empty(job["attempts"]!.AsArray());
        Assert.False(job.ContainsKey("startedAt"));
        Assert.True(job.ContainsKey("stoppedAt"));
        Assert.False(job["container"]!.AsObject().ContainsKey("exitCode"));
    }

    private static void CheckTerminated(JsonObject job, int exitCode)
    {
        Assert.Equal(("FAILED", "told to end"), (Scheduler.Status(job), (string)job["statusReason"]!));
        Assert.True((bool)job["isTerminated"]!);
        Assert.Equal(exitCode, (int)job["container"]!["exitCode"]!);
        Assert.Single(job["attempts"]!.AsArray());
    }

    private static async Task CheckListsAsync(AwsCli aws, int mixed)
    {
        var succeeded = (await ListAsync(aws, "mixed", "SUCCEEDED")).Count;
        var failed = (await ListAsync(aws, "mixed", "FAILED")).Count;
        Assert.Equal(mixed + 2, succeeded + failed);
        Assert.Empty(await ListAsync(aws, "mixed", "RUNNING"));
        Assert.Equal(11, (await ListAsync(aws, "held", "FAILED")).Count);
        var named = await aws.RunAsync("batch", "list-jobs", "--job-queue", "held", "--filters", "name=JOB_NAME,values=HELD*");
        Assert.Equal(11, named["jobSummaryList"]!.AsArray().Count);
    }

    private static async Task<JsonArray> ListAsync(AwsCli aws, string queue, string status) =>
        (await aws.RunAsync("batch", "list-jobs", "--job-queue", queue, "--job-status", status))["jobSummaryList"]!.AsArray();

    private static async Task CheckLogsAsync(AwsCli aws, JsonObject job, params string[] lines)
    {
        var page = await aws.RunAsync(
            "logs", "get-log-events", "--log-group-name", "/aws/batch/job", "--log-stream-name", (string)job["container"]!["logStreamName"]!, "--start-from-head");
        Assert.Equal(lines, page["events"]!.AsArray().Select(line => (string)line!["message"]!));
    }

    private static bool LogHas(Scheduler scheduler, string jobId) =>
        scheduler.LogAsync(scheduler.DescribeAsync(jobId).GetAwaiter().GetResult()).GetAwaiter().GetResult().Contains("up");
}
