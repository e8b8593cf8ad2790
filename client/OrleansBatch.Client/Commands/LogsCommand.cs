using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Model.Jobs;

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
            Of an array each line begins with the index of its child; the id of a child, such as JOB_ID:3, is for that one alone.
            So it is with the nodes of a multi-node job, such as JOB_ID#3.
            """,
            "logs JOB_ID",
            "logs -f JOB_ID",
            "logs --tail 20 --timestamps JOB_ID",
            "logs --attempt 1 JOB_ID -o json",
            "logs -f ARRAY_ID",
            "logs ARRAY_ID:3",
            "logs MULTI_NODE_JOB_ID#3")
        {
            id, follow, attempt, tail, times,
        };
        return command.Does("read the log", async context =>
        {
            if (context.Get(attempt) is < 1 || context.Get(tail) is < 1)
            {
                throw new UsageException("--attempt and --tail must be 1 or more.");
            }

            var outages = new Outages(context.Terminal.Error, context.Terminal.Time);
            LogFollower Follower(string prefix) => new(context.Client, context.Terminal.Out, outages, context.Terminal.Time)
            {
                Attempt = context.Get(attempt),
                Tail = context.Get(tail),
                WithTimes = context.Get(times),
                AsJson = context.IsJson,
                Prefix = prefix,
            };
            var job = await JobReading.OneAsync(context.Client, context.Get(id)!, context.Interrupted);
            await (job.ArrayProperties?.Size is null && job.NodeProperties is null
                ? PrintJobAsync(context, job, context.Get(follow), Follower(string.Empty))
                : PrintArrayAsync(context, job, context.Get(follow), new(context.Client, index => Follower(PrefixOf(index)), outages, context.Terminal.Time)));
            return ExitCodes.Done;
        });
    }

    /// <summary>What begins the lines of an array's child.</summary>
    public static string PrefixOf(int index) => string.Create(CultureInfo.InvariantCulture, $"[{index}] ");

    private static async Task PrintJobAsync(CommandContext context, JobDetail job, bool isFollowed, LogFollower follower) => _ = isFollowed
        ? await follower.FollowAsync(job.JobId, context.Interrupted) is not null
        : await follower.PrintAsync(job, context.Interrupted);

    private static async Task PrintArrayAsync(CommandContext context, JobDetail array, bool isFollowed, ArrayFollower follower)
    {
        if (context.IsJson)
        {
            throw new UsageException(array.NodeProperties is null
                ? $"With -o json the log of one child can be read: its id is {array.JobId}:INDEX."
                : $"With -o json the log of one node can be read: its id is {array.JobId}#INDEX.");
        }

        _ = isFollowed
            ? await follower.FollowAsync(array.JobId, _ => { }, context.Interrupted) is not null
            : await follower.PrintAsync(array, context.Interrupted);
    }
}
