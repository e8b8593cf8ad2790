using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using Spectre.Console;

namespace OrleansBatch.Client.Commands;

/// <summary><c>wait</c>: until jobs have ended.</summary>
internal static class WaitCommand
{
    public static BatchCommand Create(CommandServices services)
    {
        var ids = JobIdArgument.Create();
        var timeout = new Option<string?>("--timeout") { Description = "Wait so long at most: seconds, or 5m, 2h. Default: as long as it takes.", HelpName = "TIME" };
        var command = new BatchCommand(
            services,
            "wait",
            """
            Waits until jobs have ended and prints a line as each does (with -o json: all of them at the end, as DescribeJobs shows them).
            Exit code 0: all succeeded. 5: one failed. 124: the time is over.
            """,
            "wait JOB_ID",
            "wait JOB_ID JOB_ID --timeout 10m",
            "submit -- make | orleansbatch wait")
        {
            ids, timeout,
        };
        return command.Does("wait for the jobs", async context =>
        {
            TimeSpan? patience = context.Get(timeout) is { } text ? Moments.Duration("--timeout", text) : null;
            var wanted = await JobIds.ReadAsync(context.Get(ids)!, context.Terminal, context.Interrupted);
            return await WaitAsync(context, new JobWait(context.Client, wanted, context.Terminal.Error, context.Terminal.Time), patience);
        });
    }

    private static async Task<int> WaitAsync(CommandContext context, JobWait wait, TimeSpan? patience)
    {
        using var deadline = new CancellationTokenSource(patience ?? Timeout.InfiniteTimeSpan, context.Terminal.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.Interrupted, deadline.Token);
        try
        {
            await ShowAsync(context, wait, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !context.Interrupted.IsCancellationRequested)
        {
            WriteAll(context, wait);
            new ErrorReport(ExitCodes.TimedOut, $"{wait.Open.Count} of {wait.Total} had not ended when the time was over.", "Wait longer with --timeout, or see: orleansbatch jobs")
                .WriteTo(context.Terminal, "wait for the jobs to end");
            return ExitCodes.TimedOut;
        }

        WriteAll(context, wait);
        return wait.Jobs.All(job => job.Status == JobStatus.Succeeded.ToWire()) ? ExitCodes.Done : ExitCodes.JobFailed;
    }

    /// <summary>On a terminal a bar below the lines, into a pipe the lines alone.</summary>
    private static Task ShowAsync(CommandContext context, JobWait wait, CancellationToken cancellationToken)
    {
        if (!context.Terminal.IsErrorTerminal)
        {
            return wait.RunAsync(job => Print(context, job, context.Terminal.Out.WriteLine), _ => { }, cancellationToken);
        }

        var console = context.Terminal.ErrorConsole();
        return console.Progress().AutoClear(true).HideCompleted(false)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(progress =>
            {
                var bar = progress.AddTask("waiting", maxValue: wait.Total);
                return wait.RunAsync(
                    job => Print(context, job, context.Terminal.IsOutTerminal ? console.WriteLine : context.Terminal.Out.WriteLine),
                    counts =>
                    {
                        bar.Value = wait.Total - wait.Open.Count;
                        bar.Description = Markup.Escape(counts);
                    },
                    cancellationToken);
            });
    }

    /// <param name="context">The command.</param>
    /// <param name="job">A job that has ended.</param>
    /// <param name="write">Writes a line; on a terminal it must know of the bar.</param>
    private static void Print(CommandContext context, JobDetail job, Action<string> write)
    {
        if (!context.IsJson)
        {
            write($"{job.JobId}  {job.JobName}  {job.Status}  {Texts.Number(JobFacts.ExitCodeOf(job))}".TrimEnd());
            context.Terminal.Out.Flush();
        }
    }

    private static void WriteAll(CommandContext context, JobWait wait)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(new() { Jobs = wait.Jobs }, BatchJson.Default.DescribeJobsResponse);
        }
    }
}
