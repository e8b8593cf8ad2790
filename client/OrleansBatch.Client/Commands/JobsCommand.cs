using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using Spectre.Console;

namespace OrleansBatch.Client.Commands;

/// <summary><c>jobs</c>: what is and was in a queue.</summary>
internal static class JobsCommand
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(500);

    public static BatchCommand Create(CommandServices services)
    {
        var filter = new JobFilterOptions();
        var watch = new Option<bool>("--watch", "-w")
        {
            Description = "Go on until Ctrl-C: on a terminal the table as it changes, into a pipe one line for each change.",
        };
        var command = new BatchCommand(
            services,
            "jobs",
            """
            Lists jobs of a queue, the newest first: those of every status, unless --status says which.
            An array is one job, and ENDED says how many of its children have; --array lists these, by their index. So is a multi-node job; --nodes lists its nodes.
            """,
            "jobs",
            "jobs --status RUNNING --status RUNNABLE",
            "jobs --queue nightly --name 'report*' --after 1d",
            "jobs --status FAILED --limit 0 -o json",
            "jobs --array JOB_ID --status FAILED",
            "jobs --nodes JOB_ID",
            "jobs --watch");
        filter.AddTo(command);
        command.Add(watch);
        return command.Does("list the jobs", async context =>
        {
            var listing = filter.Listing(context);
            if (context.Get(watch))
            {
                await WatchAsync(context, listing);
                return ExitCodes.Done;
            }

            var jobs = await listing.ReadAsync(context.Client, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(new() { JobSummaryList = jobs }, BatchJson.Default.ListJobsResponse);
            }
            else
            {
                context.Terminal.Write(TableOf(listing, jobs, context.Terminal.Time));
            }

            return ExitCodes.Done;
        });
    }

    private static Table TableOf(JobListing listing, IReadOnlyList<JobSummary> jobs, TimeProvider time) =>
        listing.Array is not null ? OfParts(jobs, time, _ => string.Empty)
        : listing.Nodes is not null ? OfParts(jobs, time, node => node.NodeProperties?.IsMainNode == true ? " main" : string.Empty)
        : OfJobs(jobs, time);

    private static Table OfJobs(IReadOnlyList<JobSummary> jobs, TimeProvider time)
    {
        var hasArrays = jobs.Any(job => job.ArrayProperties?.Size is not null);
        var hasNodes = jobs.Any(job => job.NodeProperties?.NumNodes is not null);
        string[] headings = ["JOB ID", "NAME", "STATUS", "EXIT", "CREATED", .. hasArrays ? ["ENDED"] : Array.Empty<string>(), .. hasNodes ? ["NODES"] : Array.Empty<string>()];
        var table = Tables.Of(headings).Yielding(1);
        foreach (var job in jobs)
        {
            string[] cells = [job.JobId, job.JobName, job.Status, Texts.Number(job.Container?.ExitCode), Texts.Time(job.CreatedAt, time)];
            table.Add([.. cells, .. hasArrays ? [EndedOf(job)] : Array.Empty<string>(), .. hasNodes ? [Texts.Number(job.NodeProperties?.NumNodes)] : Array.Empty<string>()]);
        }

        return table;
    }

    private static string EndedOf(JobSummary job) =>
        job.ArrayProperties is { StatusSummary: { } summary } ? StatusCounts.Of(summary).EndedOfTotal : string.Empty;

    private static Table OfParts(IReadOnlyList<JobSummary> parts, TimeProvider time, Func<JobSummary, string> markOf)
    {
        var table = Tables.Of("JOB ID", "INDEX", "STATUS", "EXIT", "STARTED", "STOPPED");
        foreach (var part in parts)
        {
            table.Add(
                part.JobId,
                Texts.Number(JobListing.IndexOf(part)) + markOf(part),
                part.Status,
                Texts.Number(part.Container?.ExitCode),
                Texts.Time(part.StartedAt, time),
                Texts.Time(part.StoppedAt, time));
        }

        return table;
    }

    /// <summary>Ctrl-C is how one leaves this: it is no failure.</summary>
    private static async Task WatchAsync(CommandContext context, JobListing listing)
    {
        try
        {
            if (context.Terminal.IsOutTerminal && !context.IsJson)
            {
                await context.Terminal.OutConsole().Live(new Text(string.Empty)).AutoClear(true).StartAsync(live => LookAsync(
                    context,
                    listing,
                    jobs => live.UpdateTarget(TableOf(listing, jobs, context.Terminal.Time))));
            }
            else
            {
                Dictionary<string, JobSummary> known = [];

                // The oldest first: a line is never taken back, so the newest change stands last.
                await LookAsync(context, listing, jobs => PrintChanges(context, (listing.Array ?? listing.Nodes) is null ? jobs.Reverse() : jobs, known));
            }
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
        }
    }

    private static async Task LookAsync(CommandContext context, JobListing listing, Action<IReadOnlyList<JobSummary>> show)
    {
        while (true)
        {
            show(await listing.ReadAsync(context.Client, context.Interrupted));
            await Task.Delay(BetweenLooks, context.Terminal.Time, context.Interrupted);
        }
    }

    private static void PrintChanges(CommandContext context, IEnumerable<JobSummary> jobs, Dictionary<string, JobSummary> known)
    {
        foreach (var job in jobs.Where(job => !known.TryGetValue(job.JobId, out var before) || before.Status != job.Status))
        {
            known[job.JobId] = job;
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJsonLine(job, BatchJson.Default.JobSummary);
            }
            else
            {
                context.Terminal.Out.WriteLine($"{job.JobId}  {job.JobName}  {job.Status}  {Texts.Number(job.Container?.ExitCode)}".TrimEnd());
            }
        }

        context.Terminal.Out.Flush();
    }
}
