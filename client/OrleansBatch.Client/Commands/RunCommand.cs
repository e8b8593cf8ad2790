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
            """,
            "run -- sh -c 'echo hi; exit 3'",
            "run --vcpus 2 --env LEVEL=5 -- ./simulate --steps 100",
            "run --definition shell --parameter command='echo hello'",
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
        var log = context.IsJson ? context.Terminal.Error : context.Terminal.Out;
        var isTold = isVerbose || context.Terminal.IsErrorTerminal;
        var follower = new LogFollower(context.Client, log, context.Terminal.Error, context.Terminal.Time)
        {
            Told = isTold ? job => Tell(context, job) : null,
        };
        try
        {
            return End(context, await follower.FollowAsync(id, context.Interrupted));
        }
        catch (OperationCanceledException) when (context.Interrupted.IsCancellationRequested)
        {
            if (isTold)
            {
                await context.Terminal.Error.WriteLineAsync($"Terminating job {id}; Ctrl-C again leaves at once.");
            }

            await context.Client.TerminateJobAsync(new() { JobId = id, Reason = InterruptedReason }, CancellationToken.None);
            _ = await follower.FollowAsync(id, CancellationToken.None);
            return ExitCodes.Interrupted;
        }
        catch (Exception failure) when (failure is UnreachableException or ServiceFailureException)
        {
            // The job was accepted: it goes on without anybody who looks.
            new ErrorReport(ExitCodes.NotRun, failure.Message, $"The job goes on; see later: orleansbatch logs -f {id}")
                .WriteTo(context.Terminal, $"follow job {id} to its end");
            return ExitCodes.NotRun;
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

        new ErrorReport(ExitCodes.NoExitCode, job.StatusReason ?? "It failed without an exit code.", $"See: orleansbatch describe {job.JobId}")
            .WriteTo(context.Terminal, "run the job to its end");
        return ExitCodes.NoExitCode;
    }

    private static void Tell(CommandContext context, JobDetail job) => context.Terminal.Error.WriteLine(
        string.IsNullOrEmpty(job.StatusReason) ? $"{job.JobId} {job.Status}" : $"{job.JobId} {job.Status}: {job.StatusReason}");
}
