using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

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
            Until then standard error shows how far it is: a bar on a terminal, else for arrays a line a second at most with the counts of their children.
            Exit code 0: all succeeded. 5: one failed. 124: the time is over.
            """,
            "wait JOB_ID",
            "wait JOB_ID JOB_ID --timeout 10m",
            "submit -- make | orleansbatch wait",
            "wait ARRAY_ID ARRAY_ID:3")
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
            _ = await ProgressView.DuringAsync(context.Terminal, isToldInLines: true, async view =>
            {
                await wait.RunAsync(job => Print(context, job, view.Out), view.Counted, either.Token);
                return wait;
            });
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

    private static void Print(CommandContext context, JobDetail job, TextWriter output)
    {
        if (!context.IsJson)
        {
            output.WriteLine($"{job.JobId}  {job.JobName}  {job.Status}  {Texts.Number(JobFacts.ExitCodeOf(job))}".TrimEnd());
            output.Flush();
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
