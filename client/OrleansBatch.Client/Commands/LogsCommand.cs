using System.CommandLine;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Commands;

/// <summary><c>logs</c>: what a job wrote.</summary>
internal static class LogsCommand
{
    public static BatchCommand Create(CommandServices services)
    {
        var id = new Argument<string>("JOB_ID") { Description = "Id of the job." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the job has ended." };
        var attempt = new Option<int?>("--attempt") { Description = "Only this attempt, 1 the first. Default: all.", HelpName = "N" };
        var tail = new Option<int?>("--tail") { Description = "Begin with the last N lines of each attempt. Default: with the first line.", HelpName = "N" };
        var times = new Option<bool>("--timestamps", "-t") { Description = "Begin each line with its time." };
        var command = new BatchCommand(
            services,
            "logs",
            """
            Prints what a job wrote, attempt after attempt.
            With -o json each line is a JSON document, as GetLogEvents gives it.
            """,
            "logs JOB_ID",
            "logs -f JOB_ID",
            "logs --tail 20 --timestamps JOB_ID",
            "logs --attempt 1 JOB_ID -o json")
        {
            id, follow, attempt, tail, times,
        };
        return command.Does("read the log", async context =>
        {
            if (context.Get(attempt) is < 1 || context.Get(tail) is < 1)
            {
                throw new UsageException("--attempt and --tail must be 1 or more.");
            }

            var jobId = context.Get(id)!;
            var follower = new LogFollower(context.Client, context.Terminal.Out, context.Terminal.Error, context.Terminal.Time)
            {
                Attempt = context.Get(attempt),
                Tail = context.Get(tail),
                WithTimes = context.Get(times),
                AsJson = context.IsJson,
            };
            if (context.Get(follow))
            {
                _ = await follower.FollowAsync(jobId, context.Interrupted);
            }
            else
            {
                var job = await JobReading.OneAsync(context.Client, jobId, context.Interrupted);
                _ = await follower.PrintAsync(job, context.Interrupted);
            }

            return ExitCodes.Done;
        });
    }
}
