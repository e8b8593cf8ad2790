using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary><c>run</c>: a job as if it were a command of this terminal.</summary>
internal static class RunCommand
{
    private const string InterruptedReason = "Ctrl-C at orleansbatch run";

    public static BatchCommand Create(CommandServices services)
    {
        var job = new JobOptions();
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Tell on standard error how the job fares, also when that is no terminal." };
        var command = new BatchCommand(
            services,
            "run",
            """
            Submits a job, prints its log as it is written, and exits with the job's exit code.
            Standard output is exactly what the job writes (with -o json: the job as DescribeJobs shows it, and its log on standard error).
            Ctrl-C terminates the job; a second one leaves at once. Codes that are not the job's: 2, 125, 126 and 130, see orleansbatch --help.
            Of an array each line begins with the index of its child; it exits with 0 when all have succeeded, else with 126, for it has no exit code.
            Of a multi-node job each line begins with the index of its node; it exits with the main node's exit code.
            """,
            "run -- sh -c 'echo hi; exit 3'",
            "run --vcpus 2 --env LEVEL=5 -- ./simulate --steps 100",
            "run --definition shell --parameter command='echo hello'",
            "run --array-size 10 -- sh -c 'echo part $AWS_BATCH_JOB_ARRAY_INDEX'",
            "run --gateway 127.0.0.1:30000 -- hostname");
        job.AddTo(command);
        command.Add(verbose);
        return command.Does("run the job", context => RunAsync(context, job, context.Get(verbose)), ExitCodes.NotRun);
    }

    private static async Task<int> RunAsync(CommandContext context, JobOptions options, bool isVerbose)
    {
        var request = await options.RequestAsync(context);

        // Not given up at Ctrl-C: a job whose id nobody knows could not be terminated.
        var id = (await context.Client.SubmitJobAsync(request, CancellationToken.None)).JobId;
        var isTold = isVerbose || context.Terminal.IsErrorTerminal;
        try
        {
            // Only the definition knows whether it has nodes.
            var hasParts = request.ArrayProperties?.Size is not null
                || (request.ContainerOverrides is null && (await JobReading.OneAsync(context.Client, id, CancellationToken.None)).NodeProperties is not null);
            var (job, isInterrupted) = hasParts
                ? await FollowArrayAsync(context, id, isTold)
                : await FollowJobAsync(context, id, isTold);
            return isInterrupted ? ExitCodes.Interrupted : End(context, job);
        }
        catch (Exception failure) when (failure is UnreachableException or ServiceFailureException)
        {
            // The job was accepted: it goes on without anybody who looks.
            new ErrorReport(ExitCodes.NotRun, failure.Message, $"The job goes on; see later: orleansbatch logs -f {id}")
                .WriteTo(context.Terminal, $"follow job {id} to its end");
            return ExitCodes.NotRun;
        }
    }

    private static Task<(JobDetail Job, bool IsInterrupted)> FollowJobAsync(CommandContext context, string id, bool isTold)
    {
        var terminal = context.Terminal;
        var follower = new LogFollower(context.Client, context.IsJson ? terminal.Error : terminal.Out, new(terminal.Error, terminal.Time), terminal.Time)
        {
            Told = isTold ? job => Tell(terminal.Error, job) : null,
        };
        return ToItsEndAsync(context, id, isTold ? terminal.Error : null, cancellationToken => follower.FollowAsync(id, cancellationToken));
    }

    private static async Task<(JobDetail Job, bool IsInterrupted)> FollowArrayAsync(CommandContext context, string id, bool isTold)
    {
        var terminal = context.Terminal;
        var end = await ProgressView.DuringAsync(terminal, isTold, view =>
        {
            var (outages, log) = (new Outages(view.Error, terminal.Time), context.IsJson ? view.Error : view.Out);
            var follower = new ArrayFollower(
                context.Client,
                index => new(context.Client, log, outages, terminal.Time) { Prefix = LogsCommand.PrefixOf(index) },
                outages,
                terminal.Time);
            return ToItsEndAsync(context, id, isTold ? view.Error : null, cancellationToken => follower.FollowAsync(id, view.Counted, cancellationToken));
        });
        if (isTold)
        {
            Tell(terminal.Error, end.Job);
        }

        return end;
    }

    /// <param name="context">The command.</param>
    /// <param name="id">The job.</param>
    /// <param name="told">Is told that Ctrl-C terminates it; null: nobody is.</param>
    /// <param name="follow">Follows it from where it was left.</param>
    private static async Task<(JobDetail Job, bool IsInterrupted)> ToItsEndAsync(
        CommandContext context,
        string id,
        TextWriter? told,
        Func<CancellationToken, Task<JobDetail>> follow)
    {
        try
        {
            return (await follow(context.Interrupted), IsInterrupted: false);
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            told?.WriteLine($"Terminating job {id}; Ctrl-C again leaves at once.");
            await context.Client.TerminateJobAsync(new() { JobId = id, Reason = InterruptedReason }, CancellationToken.None);
            return (await follow(CancellationToken.None), IsInterrupted: true);
        }
    }

    private static int End(CommandContext context, JobDetail job)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(new() { Jobs = [job] }, BatchJson.Default.DescribeJobsResponse);
        }

        if (job.Status == JobStatus.Succeeded.ToWire())
        {
            return ExitCodes.Done;
        }

        // A job that was stopped has failed, even with code 0.
        if (JobFacts.ExitCodeOf(job) is { } code and not 0)
        {
            return code;
        }

        var hint = job.NodeProperties is not null ? $"jobs --nodes {job.JobId} --status FAILED"
            : job.ArrayProperties?.Size is not null ? $"jobs --array {job.JobId} --status FAILED"
            : $"describe {job.JobId}";
        new ErrorReport(ExitCodes.NoExitCode, job.StatusReason ?? "It failed without an exit code.", $"See: orleansbatch {hint}")
            .WriteTo(context.Terminal, "run the job to its end");
        return ExitCodes.NoExitCode;
    }

    private static void Tell(TextWriter writer, JobDetail job) => writer.WriteLine(
        string.IsNullOrEmpty(job.StatusReason) ? $"{job.JobId} {job.Status}" : $"{job.JobId} {job.Status}: {job.StatusReason}");
}
