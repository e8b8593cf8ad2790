using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary><c>cancel</c> and <c>terminate</c>: one job, or many.</summary>
internal static class StopCommands
{
    /// <summary>What CancelJobs and TerminateJobs take at once.</summary>
    private const int AtOnce = 50;

    private const string ClientFault = "ClientException";
    private const string NotThere = "does not exist";

    public static BatchCommand CreateCancel(CommandServices services) => Create(
        services,
        "cancel",
        """
        Cancels jobs that have not started. A job that has runs on, but is not tried again: terminate ends it.
        Of an array the same holds for each of its children.
        """,
        "Cancelled with orleansbatch cancel",
        "cancel the jobs",
        new(
            static (client, request) => client.CancelJobAsync(request, CancellationToken.None),
            static (client, request) => client.CancelJobsAsync(request, CancellationToken.None)),
        static job => IsPlaced(job) ? "runs on, and is not tried again"
            : ChildrenPlaced(job) is > 0 and var children ? $"cancelled; children that run on, and are not tried again: {children}"
            : "cancelled");

    public static BatchCommand CreateTerminate(CommandServices services) => Create(
        services,
        "terminate",
        """
        Ends jobs, whether they have started or not. A running one gets SIGTERM, and SIGKILL after 30 seconds.
        Of an array all children are ended.
        """,
        "Terminated with orleansbatch terminate",
        "terminate the jobs",
        new(
            static (client, request) => client.TerminateJobAsync(request, CancellationToken.None),
            static (client, request) => client.TerminateJobsAsync(request, CancellationToken.None)),
        static job => IsPlaced(job) ? "is being stopped"
            : ChildrenPlaced(job) is > 0 and var children ? $"terminated; children that are being stopped: {children}"
            : "terminated");

    private static BatchCommand Create(
        CommandServices services,
        string name,
        string description,
        string defaultReason,
        string what,
        Operations operations,
        Func<JobDetail, string> outcome)
    {
        var ids = JobIdArgument.Create();
        var reason = new Option<string>("--reason", "-r")
        {
            Description = $"Why: the job's status reason from then on. Default: '{defaultReason}'.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => defaultReason,
        };
        var command = new BatchCommand(
            services,
            name,
            description,
            $"{name} JOB_ID",
            $"{name} JOB_ID JOB_ID --reason 'wrong input'",
            $"{name} ARRAY_ID",
            $"{name} ARRAY_ID:3",
            $"jobs --status RUNNABLE | orleansbatch {name} -")
        {
            ids, reason,
        };
        return command.Does(what, async context =>
        {
            var wanted = await JobIds.ReadAsync(context.Get(ids)!, context.Terminal, context.Interrupted);

            // The scheduler takes unknown ids without a word, as AWS does: whoever typed one wants to know.
            var jobs = await JobReading.ManyAsync(context.Client, wanted, context.Interrupted);
            List<StopOutcome> all = [];
            foreach (var chunk in jobs.Chunk(AtOnce))
            {
                var refused = await StopAsync(context.Client, operations, chunk, context.Get(reason)!);
                all.AddRange(chunk.Select(job => refused.GetValueOrDefault(job.JobId) ?? StopOutcome.Accepted(job, outcome)));
            }

            all.AddRange(JobReading.MissingOf(wanted, jobs).Select(StopOutcome.Missing));
            Write(context, all);
            return all.Max(each => each.ExitCode);
        });
    }

    /// <summary>Asks for the end of some jobs, no more than go into one call.</summary>
    /// <returns>Those that were refused.</returns>
    private static async Task<Dictionary<string, StopOutcome>> StopAsync(IBatchClient client, Operations operations, JobDetail[] jobs, string reason)
    {
        try
        {
            if (jobs is [var job])
            {
                await operations.One(client, new() { JobId = job.JobId, Reason = reason });
                return [];
            }

            var answer = await operations.Many(client, new() { Jobs = Array.ConvertAll(jobs, each => each.JobId), Reason = reason });
            return answer.Errors.ToDictionary(error => error.Job, StopOutcome.Refused);
        }
        catch (BatchClientException refusal)
        {
            return jobs.ToDictionary(job => job.JobId, job => StopOutcome.Refused(new() { Job = job.JobId, Code = ClientFault, Message = refusal.Message }));
        }
    }

    private static bool IsPlaced(JobDetail job) => JobStatuses.FromWire(job.Status)?.IsPlaced() == true;

    private static int ChildrenPlaced(JobDetail job) =>
        job.ArrayProperties?.StatusSummary is { } summary && StatusCounts.Of(summary) is var counts ? counts.Of(JobStatus.Starting) + counts.Of(JobStatus.Running) : 0;

    private static void Write(CommandContext context, IReadOnlyList<StopOutcome> outcomes)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(
                new()
                {
                    Successful = [.. outcomes.Where(each => each.Error is null).Select(each => each.JobId)],
                    Errors = [.. outcomes.Select(each => each.Error).OfType<StopJobError>()],
                },
                BatchJson.Default.StopJobsResponse);
            return;
        }

        var table = Tables.Of("JOB ID", "RESULT").Yielding(1);
        foreach (var each in outcomes)
        {
            table.Add(each.JobId, each.Text);
        }

        context.Terminal.Write(table);
    }

    /// <summary>How to end one job, and how many.</summary>
    private sealed record Operations(
        Func<IBatchClient, StopJobRequest, Task> One,
        Func<IBatchClient, StopJobsRequest, Task<StopJobsResponse>> Many);

    /// <summary>What became of one.</summary>
    private sealed record StopOutcome(string JobId, string Text, int ExitCode, StopJobError? Error)
    {
        public static StopOutcome Accepted(JobDetail job, Func<JobDetail, string> outcome) =>
            new(job.JobId, JobReading.HasEnded(job) ? $"had ended already: {job.Status}" : outcome(job), ExitCodes.Done, Error: null);

        public static StopOutcome Refused(StopJobError error) =>
            new(error.Job, error.Message, error.Code is "ServerException" or "ThrottlingException" ? ExitCodes.Unreachable : ExitCodes.Refused, error);

        public static StopOutcome Missing(string jobId) =>
            new(jobId, NotThere, ExitCodes.NotFound, new() { Job = jobId, Code = ClientFault, Message = NotThere });
    }
}
