using System.Globalization;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Logs;
using OrleansBatch.Model.Jobs;
using Spectre.Console;

namespace OrleansBatch.Silo.FirstStart;

/// <summary>A few small jobs that show the scheduler at work.</summary>
internal sealed class Sample(DefaultResources defaults, IGrainFactory grains, TimeProvider time)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly (string Name, string Command)[] Jobs =
    [
        ("sample-hello", "echo Hello from $(uname -s) on $(nproc) cores"),
        ("sample-count", "for i in 1 2 3; do echo step $i; sleep 0.3; done"),
        ("sample-retry", "echo attempt $AWS_BATCH_JOB_ATTEMPT; [ $AWS_BATCH_JOB_ATTEMPT -ge 2 ] || exit 1"),
        ("sample-fails", "echo this job fails on purpose >&2; exit 3"),
    ];

    private IJobsGrain Grain => grains.GetGrain<IJobsGrain>(defaults.Scope.Key);

    /// <summary>Submits the jobs, shows them until all have ended, and prints what they wrote.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            AnsiConsole.MarkupLine("[bold]A small sample, on queue default:[/]");
            List<string> ids = [];
            foreach (var (name, command) in Jobs)
            {
                ids.Add((await Grain.Submit(Request(name, command), null, cancellationToken)).JobId);
            }

            await ShowAsync(ids, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C during the sample: its jobs are jobs like all others.
        }
    }

    private static SubmitJobRequest Request(string name, string command) => new()
    {
        JobName = name,
        JobQueue = DefaultResources.Queue,
        JobDefinition = DefaultResources.Definition,
        Parameters = new Dictionary<string, string> { ["command"] = command },
        RetryStrategy = new() { Attempts = name == "sample-retry" ? 3 : 1 },
    };

    private async Task ShowAsync(List<string> ids, CancellationToken cancellationToken)
    {
        if (AnsiConsole.Profile.Capabilities.Interactive)
        {
            await AnsiConsole.Live(new Text(string.Empty)).StartAsync(live => WatchAsync(ids, live.UpdateTarget, cancellationToken));
        }
        else
        {
            // Into a file or a pipe: once, when all is done.
            Table? last = null;
            await WatchAsync(ids, table => last = table, cancellationToken);
            AnsiConsole.Write(last!);
        }
    }

    private async Task WatchAsync(List<string> ids, Action<Table> show, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        IReadOnlyList<JobDetail> jobs;
        do
        {
            await Task.Delay(BetweenLooks, time, cancellationToken);
            jobs = (await Grain.Describe(new() { Jobs = ids }, cancellationToken)).Jobs;
            show(await TableAsync(jobs, cancellationToken));
        }
        while (!jobs.All(HasEnded) && time.GetElapsedTime(begun) < Patience);
    }

    private async Task<Table> TableAsync(IReadOnlyList<JobDetail> jobs, CancellationToken cancellationToken)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Job", "Status", "Exit", "Attempts", "Log");
        foreach (var job in jobs)
        {
            table.AddRow(
                new Text(job.JobName),
                new Text(job.Status, new(job.Status switch { "SUCCEEDED" => Color.Green, "FAILED" => Color.Red, _ => Color.Yellow })),
                new Text(job.Container?.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? string.Empty),
                new Text(job.Attempts.Count.ToString(CultureInfo.InvariantCulture)),
                new Text(await LogAsync(job, cancellationToken)));
        }

        return table;
    }

    private async Task<string> LogAsync(JobDetail job, CancellationToken cancellationToken)
    {
        if (job.Container?.LogStreamName is not { } stream)
        {
            return string.Empty;
        }

        var events = await grains.GetGrain<ILogsGrain>(defaults.Scope.Key).GetEvents(
            new() { LogGroupName = "/aws/batch/job", LogStreamName = stream, StartFromHead = true, Limit = 10 },
            cancellationToken);
        return string.Join(" / ", events.Events.Select(line => line.Message));
    }

    private static bool HasEnded(JobDetail job) => job.StoppedAt is not null;
}
