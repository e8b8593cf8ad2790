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
    /// <summary>So many calls under way at once.</summary>
    private const int AtOnce = 16;

    public static BatchCommand CreateCancel(CommandServices services) => Create(
        services,
        "cancel",
        """
        Cancels jobs that have not started. A job that has runs on, but is not tried again: terminate ends it.
        """,
        "Cancelled with orleansbatch cancel",
        "cancel the jobs",
        static (client, request) => client.CancelJobAsync(request, CancellationToken.None),
        static job => job.Status is "STARTING" or "RUNNING" ? "runs on, and is not tried again" : "cancelled");

    public static BatchCommand CreateTerminate(CommandServices services) => Create(
        services,
        "terminate",
        """
        Ends jobs, whether they have started or not. A running one gets SIGTERM, and SIGKILL after 30 seconds.
        """,
        "Terminated with orleansbatch terminate",
        "terminate the jobs",
        static (client, request) => client.TerminateJobAsync(request, CancellationToken.None),
        static job => job.Status is "STARTING" or "RUNNING" ? "is being stopped" : "terminated");

    private static BatchCommand Create(
        CommandServices services,
        string name,
        string description,
        string defaultReason,
        string what,
        Func<IBatchClient, StopJobRequest, Task> stop,
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
            $"jobs --status RUNNABLE | orleansbatch {name} -")
        {
            ids, reason,
        };
        return command.Does(what, async context =>
        {
            var wanted = await JobIds.ReadAsync(context.Get(ids)!, context.Terminal, context.Interrupted);

            // The scheduler takes unknown ids without a word, as AWS does: whoever typed one wants to know.
            var jobs = await JobReading.ManyAsync(context.Client, wanted, context.Interrupted);
            var stopped = await StopAsync(context, jobs, job => stop(context.Client, new() { JobId = job.JobId, Reason = context.Get(reason) }), outcome);
            List<StopOutcome> all = [.. stopped, .. JobReading.MissingOf(wanted, jobs).Select(StopOutcome.Missing)];
            Write(context, all);
            return all.Max(each => each.ExitCode);
        });
    }

    private static async Task<StopOutcome[]> StopAsync(
        CommandContext context,
        IReadOnlyList<JobDetail> jobs,
        Func<JobDetail, Task> stop,
        Func<JobDetail, string> outcome)
    {
        using var places = new SemaphoreSlim(AtOnce);
        return await Task.WhenAll(jobs.Select(async job =>
        {
            await places.WaitAsync(context.Interrupted);
            try
            {
                await stop(job);
                return new StopOutcome(job.JobId, JobReading.HasEnded(job) ? $"had ended already: {job.Status}" : outcome(job));
            }
            catch (BatchClientException refusal)
            {
                return new StopOutcome(job.JobId, refusal.Message, ExitCodes.Refused);
            }
            finally
            {
                _ = places.Release();
            }
        }));
    }

    private static void Write(CommandContext context, IReadOnlyList<StopOutcome> outcomes)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(
                new(
                    [.. outcomes.Where(each => each.ExitCode == ExitCodes.Done).Select(each => each.JobId)],
                    [.. outcomes.Where(each => each.ExitCode != ExitCodes.Done).Select(each => new StopError(each.JobId, "ClientException", each.Text))]),
                ConsoleJson.Default.StopAnswer);
            return;
        }

        var table = Tables.Of("JOB ID", "RESULT").Yielding(1);
        foreach (var each in outcomes)
        {
            table.Add(each.JobId, each.Text);
        }

        context.Terminal.Write(table);
    }

    /// <summary>What became of one.</summary>
    private sealed record StopOutcome(string JobId, string Text, int ExitCode = ExitCodes.Done)
    {
        public static StopOutcome Missing(string jobId) => new(jobId, "does not exist", ExitCodes.NotFound);
    }
}
