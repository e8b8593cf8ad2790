using System.Text.Json.Nodes;
using OrleansBatch.Testing;

namespace OrleansBatch.EndToEnd.Tests;

/// <summary>Kills the program at every point between two durable steps, under load, and then counts by the jobs' own witness files.</summary>
/// <remarks>The short form kills once at each point; <c>ORLEANSBATCH_KILLS=20</c> makes it as long as wanted.</remarks>
public sealed class CrashLoopTests(ITestOutputHelper output)
{
    private const int KilledExitCode = 137;

    private static readonly string[] Points =
        ["CommittedNotAnswered", "Reserved", "StartingNotLaunched", "LaunchedNotConfirmed", "ExitedNotReported", "EndedNotReleased"];

    private const int OfEachKind = 4;

    private static readonly (string Script, int Attempts, int ExitCode)[] Kinds =
        [("exit 0", 1, 0), ("exit 3", 3, 3), ("sleep 0.3", 1, 0), ("sleep 0.2; exit 4", 2, 4), ("sleep 20", 2, 0), ("sleep 20", 3, 0)];

    private readonly List<Work> _work = [];

    [Fact]
    public async Task No_kill_loses_a_job_or_runs_one_twice()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("ORLEANSBATCH_KILLS"), out var asked) ? asked : Points.Length;
        await using var scheduler = new Scheduler();
        await scheduler.StartAsync();
        await scheduler.SetUpAsync(maxvCpus: 8);

        for (var kill = 0; kill < kills; kill++)
        {
            await KillOnceAsync(scheduler, Points[kill % Points.Length], count: 1 + (kill * 7 % 5));
        }

        await scheduler.StartAsync();
        await AnswerAllAsync(scheduler);
        var jobs = (await scheduler.UntilEndedAsync([.. _work.Select(work => work.JobId!)])).ToDictionary(job => (string)job["jobId"]!);
        Assert.All(_work, work => CheckOne(scheduler, work, jobs[work.JobId!]));
        Assert.Equal(_work.Count, _work.Select(work => work.JobId).Distinct().Count());
        Assert.Equal(0, await scheduler.InUseAsync());
        output.WriteLine($"{kills} kills, {_work.Count} jobs, {jobs.Values.Sum(job => job["attempts"]!.AsArray().Count)} attempts");
    }

    private async Task KillOnceAsync(Scheduler scheduler, string point, int count)
    {
        try
        {
            await scheduler.StartAsync(new Dictionary<string, string>
            {
                ["OrleansBatch__KillAt"] = point,
                ["OrleansBatch__KillAtCount"] = $"{count}",
            });
        }
        catch (SiloEndedException ended) when (ended.ExitCode == KilledExitCode)
        {
            // What the kill before had left brought it to the point while it was starting: that counts as well.
            return;
        }

        var died = scheduler.Silo.Exited;
        for (var round = 0; !died.IsCompleted; round++)
        {
            Assert.True(round < 200, $"The point {point} was never reached.\n{scheduler.Silo.Output}");
            try
            {
                await LoadAsync(scheduler, round);
            }
            catch (HttpRequestException)
            {
                // It was killed in the middle of a call: whose answer is missing is asked again later.
                await died.WaitAsync(TimeSpan.FromSeconds(30));
            }
        }

        Assert.Equal(KilledExitCode, scheduler.Silo.ExitCode);
    }

    /// <summary>A few jobs of every kind, with cancels and terminates for earlier ones.</summary>
    private async Task LoadAsync(Scheduler scheduler, int round)
    {
        await AnswerAllAsync(scheduler);
        List<Work> added = [];
        for (var i = 0; i < OfEachKind * Kinds.Length; i++)
        {
            var (script, attempts, exitCode) = Kinds[i % Kinds.Length];
            added.Add(new(Guid.NewGuid().ToString(), script, attempts, exitCode));
        }

        // The long ones must be stopped, also those of a round that was cut off; of the others some are cancelled, wherever they are.
        foreach (var work in added.Where(work => work.Script == "sleep 20"))
        {
            work.Asked = "TerminateJob";
        }

        // Of every kind the last.
        foreach (var work in added.TakeLast(Kinds.Length).Take(4))
        {
            work.Asked = "CancelJob";
        }

        _work.AddRange(added);
        await AnswerAllAsync(scheduler);
    }

    /// <summary>Asks until answered, as a client's retries do: the same invocation again.</summary>
    private async Task AnswerAllAsync(Scheduler scheduler)
    {
        await Task.WhenAll(_work.Where(work => work.JobId is null).Select(async work =>
            work.JobId = await scheduler.SubmitAsync(work.Script, work.Attempts, work.InvocationId)));
        await StopAllAsync(scheduler);
    }

    private async Task StopAllAsync(Scheduler scheduler)
    {
        foreach (var work in _work.Where(work => work.Asked is not null && !work.IsStopAnswered))
        {
            _ = await scheduler.Client.CallAsync(work.Asked!, new { jobId = work.JobId, reason = "by the loop" });
            work.IsStopAnswered = true;
            work.StatusAfterStop = Scheduler.Status(await scheduler.DescribeAsync(work.JobId!));
            work.StartsAtStop = scheduler.Starts(work.JobId!).Length;
        }
    }

    private static void CheckOne(Scheduler scheduler, Work work, JsonObject job)
    {
        var starts = scheduler.Starts(work.JobId!);
        var attempts = job["attempts"]!.AsArray();
        var because = $"{work}: {job.ToJsonString()} with starts {string.Join(", ", starts)}";

        Assert.True(starts.Distinct().Count() == starts.Length, $"An attempt ran twice. {because}");
        Assert.True(starts.Length <= work.Attempts, $"More starts than attempts. {because}");
        Assert.True(attempts.Count <= work.Attempts && starts.Length <= attempts.Count, $"A start without an attempt. {because}");
        Assert.All(attempts, attempt => Assert.False(((string)attempt!["statusReason"]!).StartsWith("Host EC2", StringComparison.Ordinal), because));
        if (work.Asked is null)
        {
            Assert.True(Scheduler.Status(job) == (work.ExitCode == 0 ? "SUCCEEDED" : "FAILED"), because);
            Assert.True(attempts.Count == (work.ExitCode == 0 ? 1 : work.Attempts), because);
            Assert.All(attempts, attempt => Assert.Equal(work.ExitCode, (int)attempt!["container"]!["exitCode"]!));
        }
        else if (work.Asked == "TerminateJob" && work.StatusAfterStop == "SUCCEEDED")
        {
            // The call came when it had run its whole time, which a busy machine allows.
            Assert.True(Scheduler.Status(job) == "SUCCEEDED" && (long)job["stoppedAt"]! - (long)job["startedAt"]! >= 20_000, because);
        }
        else if (work.Asked == "TerminateJob")
        {
            Assert.True(Scheduler.Status(job) == "FAILED" && (bool)job["isTerminated"]!, because);
        }

        if (work.StatusAfterStop == "FAILED" && attempts.Count == 0)
        {
            Assert.True(starts.Length == 0, $"Started after a stop was answered. {because}");
        }

        if (work.StatusAfterStop is "FAILED")
        {
            Assert.True(starts.Length == work.StartsAtStop, $"Started again after it had ended. {because}");
        }
    }

    private sealed record Work(string InvocationId, string Script, int Attempts, int ExitCode)
    {
        public string? JobId { get; set; }

        public string? Asked { get; set; }

        public bool IsStopAnswered { get; set; }

        public string? StatusAfterStop { get; set; }

        public int StartsAtStop { get; set; }
    }
}
