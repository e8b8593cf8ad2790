using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>
/// The crash loop with arrays, chains of dependencies and multi-node jobs: every child, link and node ends as its own commands say, and none starts twice or too
/// early.
/// </summary>
/// <remarks>The short form kills once at each point; <c>ORLEANSBATCH_KILLS=20</c> makes it as long as wanted.</remarks>
public sealed class CrashLoopOfArraysTests(ITestOutputHelper output)
{
    private const int KilledExitCode = 137;
    private const int Size = 6;

    private static readonly string[] Points =
        ["EndedNotTold", "ArrayHalfWritten", "GangHalfLaunched", "CommittedNotAnswered", "EndedNotReleased", "StartingNotLaunched"];

    /// <summary>
    /// Three nodes. In its first attempt the main node fails as soon as all are up, so that the others are stopped; in the second it succeeds when node 1 has failed
    /// by itself, and stops node 2.
    /// </summary>
    private const string Nodes =
        """
        cd {0}; touch "$J-up-$AWS_BATCH_JOB_ATTEMPT-$N"
        if [ $N = 0 ]; then
          until [ -e "$J-up-$AWS_BATCH_JOB_ATTEMPT-1" ] && [ -e "$J-up-$AWS_BATCH_JOB_ATTEMPT-2" ]; do sleep 0.05; done
          [ $AWS_BATCH_JOB_ATTEMPT = 2 ]; exit
        fi
        [ $N = 1 ] && [ $AWS_BATCH_JOB_ATTEMPT = 2 ] && exit 7
        while :; do sleep 0.05; done
        """;

    /// <summary>Children 1 and 4 fail, the others succeed.</summary>
    private const string SomeFail = "[ $((AWS_BATCH_JOB_ARRAY_INDEX % 3)) != 1 ]";

    private readonly List<Family> _families = [];

    [Fact]
    public async Task No_kill_loses_a_child_or_starts_a_dependent_too_early()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("ORLEANSBATCH_KILLS"), out var asked) ? asked : Points.Length;
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 8);
        await scheduler.SetUpNodesAsync(3);

        for (var kill = 0; kill < kills; kill++)
        {
            await KillOnceAsync(scheduler, Points[kill % Points.Length], count: 1 + (kill * 3 % 4));
        }

        await scheduler.StartAsync();
        foreach (var family in _families)
        {
            await family.AskAsync(scheduler);
        }

        await Task.WhenAll(_families.Select(family => family.CheckAsync(scheduler)));
        Assert.Equal(0, await scheduler.InUseAsync());
        output.WriteLine($"{kills} kills, {_families.Count} families of jobs");
    }

    private async Task KillOnceAsync(Scheduler scheduler, string point, int count)
    {
        try
        {
            await scheduler.StartAsync(new Dictionary<string, string> { ["OrleansBatch__KillAt"] = point, ["OrleansBatch__KillAtCount"] = $"{count}" });
        }
        catch (SiloEndedException ended) when (ended.ExitCode == KilledExitCode)
        {
            // What the kill before had left brought it to the point while it was starting: that counts as well.
            return;
        }

        var died = scheduler.Silo.Exited;
        for (var round = 0; !died.IsCompleted; round++)
        {
            Assert.True(round < 100, $"The point {point} was never reached.\n{scheduler.Silo.Output}");
            try
            {
                foreach (var family in _families)
                {
                    await family.AskAsync(scheduler);
                }

                var added = new Family(_families.Count % 2 == 1);
                _families.Add(added);
                await added.AskAsync(scheduler);
                await Task.WhenAny(died, Task.Delay(300, TestContext.Current.CancellationToken));
            }
            catch (HttpRequestException)
            {
                await died.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        Assert.Equal(KilledExitCode, scheduler.Silo.ExitCode);
    }

    /// <summary>A few jobs that depend on one another, each asked for until it is answered.</summary>
    private sealed class Family(bool isStopped)
    {
        private readonly List<Member> _members = [];
        private bool _isStopAnswered;

        public async Task AskAsync(Scheduler scheduler)
        {
            var first = await SubmitAsync(scheduler, 0, SomeFail, attempts: 2, Size);
            await SubmitAsync(scheduler, 1, "exit 0", 1, Size, new { jobId = first, type = "N_TO_N" });
            await SubmitAsync(scheduler, 2, "exit 0", 1, null, new { jobId = first });
            var sequence = await SubmitAsync(scheduler, 3, "exit 0", 1, Size, new { type = "SEQUENTIAL" });
            await SubmitAsync(scheduler, 4, "[ $AWS_BATCH_JOB_ARRAY_INDEX != 2 ]", 1, Size, new { type = "SEQUENTIAL" });
            var link = await SubmitAsync(scheduler, 5, "exit 0", 1, null, new { jobId = sequence });
            await SubmitAsync(scheduler, 6, "exit 0", 1, null, new { jobId = link });
            var stopped = await SubmitAsync(scheduler, 7, "sleep 30", 3, Size);
            await SubmitAsync(scheduler, 8, "exit 0", 1, null, new { jobId = stopped });
            await SubmitNodesAsync(scheduler, 9);
            await SubmitNodesAsync(scheduler, 10, new { jobId = link });
            if (!_isStopAnswered)
            {
                // What is asked comes at a time when some run and some do not.
                _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = isStopped ? stopped : $"{stopped}:0", reason = "by the loop" });
                _ = await scheduler.Client.CallAsync("TerminateJob", new { jobId = stopped, reason = "by the loop" });
                _isStopAnswered = true;
            }
        }

        public async Task CheckAsync(Scheduler scheduler)
        {
            await scheduler.UntilEndedAsync([.. _members.Select(member => member.JobId!)]);
            await EndsAsync(scheduler, 0, "FAILED", "Array Child Job failed", "SSSSFF");
            await ChildrenAsync(scheduler, 0, index => index % 3 == 1 ? ("FAILED", 2) : ("SUCCEEDED", 1));
            await EndsAsync(scheduler, 1, "FAILED", "Array Child Job failed", "SSSSFF");
            await ChildrenAsync(scheduler, 1, index => index % 3 == 1 ? ("FAILED", 0) : ("SUCCEEDED", 1));
            await EndsAsync(scheduler, 2, "FAILED", "Dependent Job failed");
            await EndsAsync(scheduler, 3, "SUCCEEDED", null, "SSSSSS");
            await ChildrenAsync(scheduler, 3, _ => ("SUCCEEDED", 1));
            await EndsAsync(scheduler, 4, "FAILED", "Array Child Job failed", "SSFFFF");
            await ChildrenAsync(scheduler, 4, index => index < 2 ? ("SUCCEEDED", 1) : ("FAILED", index == 2 ? 1 : 0));
            await EndsAsync(scheduler, 5, "SUCCEEDED", "Essential container in task exited");
            await EndsAsync(scheduler, 6, "SUCCEEDED", "Essential container in task exited");
            await EndsAsync(scheduler, 7, "FAILED", "by the loop", "FFFFFF");
            await EndsAsync(scheduler, 8, "FAILED", "Dependent Job failed");
            await NodesAsync(scheduler, 9);
            await NodesAsync(scheduler, 10);
        }

        private async Task SubmitNodesAsync(Scheduler scheduler, int number, params object[] dependsOn)
        {
            if (_members.Count == number)
            {
                _members.Add(new(Guid.NewGuid().ToString()));
            }

            var script = $"J=${{AWS_BATCH_JOB_ID%#*}}; N=$AWS_BATCH_JOB_NODE_INDEX; {Nodes.Replace("{0}", scheduler.Witnesses, StringComparison.Ordinal)}";
            _members[number].JobId ??= await scheduler.Client.SubmitAsync(scheduler.RequestOfNodes(script, attempts: 2, dependsOn), _members[number].InvocationId);
        }

        /// <summary>Each node starts once in each attempt, and the attempts are the main node's.</summary>
        private async Task NodesAsync(Scheduler scheduler, int number)
        {
            var job = await scheduler.DescribeAsync(_members[number].JobId!);
            Assert.True(Scheduler.Status(job) == "SUCCEEDED", job.ToJsonString());
            Assert.Equal([1, 0], job["attempts"]!.AsArray().Select(attempt => (int)attempt!["container"]!["exitCode"]!));
            var nodes = await scheduler.Client.DescribeAsync([.. Enumerable.Range(0, 3).Select(node => $"{_members[number].JobId}#{node}")]);
            Assert.Equal(["SUCCEEDED", "FAILED", "FAILED"], nodes.Select(Scheduler.Status));
            Assert.All(nodes, node => CheckStarts(scheduler, node, attempts: 2));
        }

        private async Task<string> SubmitAsync(Scheduler scheduler, int number, string script, int attempts, int? size, params object[] dependsOn)
        {
            if (_members.Count == number)
            {
                _members.Add(new(Guid.NewGuid().ToString()));
            }

            return _members[number].JobId ??= await scheduler.Client.SubmitAsync(
                scheduler.Request(script, attempts, size, dependsOn), _members[number].InvocationId);
        }

        private async Task EndsAsync(Scheduler scheduler, int number, string status, string? reason, string? children = null)
        {
            var job = await scheduler.DescribeAsync(_members[number].JobId!);
            var because = $"Member {number}: {job.ToJsonString()}";
            Assert.True((Scheduler.Status(job), (string?)job["statusReason"]) == (status, reason), because);
            if (children is not null)
            {
                var summary = job["arrayProperties"]!["statusSummary"]!;
                Assert.True((int)summary["SUCCEEDED"]! == children.Count(child => child == 'S') && (int)summary["FAILED"]! == children.Count(child => child == 'F'), because);
            }
            else
            {
                CheckStarts(scheduler, job, status == "SUCCEEDED" ? 1 : 0);
            }
        }

        private async Task ChildrenAsync(Scheduler scheduler, int number, Func<int, (string Status, int Attempts)> expected)
        {
            var children = await scheduler.Client.DescribeAsync([.. Enumerable.Range(0, Size).Select(index => $"{_members[number].JobId}:{index}")]);
            Assert.Equal(Size, children.Count);
            foreach (var (index, child) in children.Index())
            {
                var (status, attempts) = expected(index);
                Assert.True(Scheduler.Status(child) == status && child["attempts"]!.AsArray().Count == attempts, child.ToJsonString());
                CheckStarts(scheduler, child, attempts);
            }
        }

        private static void CheckStarts(Scheduler scheduler, JsonObject job, int attempts) => Assert.Equal(
            Enumerable.Range(1, attempts).Select(attempt => $"start {attempt}"),
            scheduler.Starts((string)job["jobId"]!));

        private sealed record Member(string InvocationId)
        {
            public string? JobId { get; set; }
        }
    }
}
