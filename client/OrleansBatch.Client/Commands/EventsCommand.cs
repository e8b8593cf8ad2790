using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Model;
using OrleansBatch.Model.Events;

namespace OrleansBatch.Client.Commands;

/// <summary><c>events</c>: what happened to jobs, in order.</summary>
internal static class EventsCommand
{
    /// <summary>How long one call waits for news: shorter than what connections are given up after.</summary>
    private const int WaitSeconds = 5;

    private const int PageSize = 1_000;

    public static BatchCommand Create(CommandServices services)
    {
        var id = new Argument<string?>("JOB_ID") { Description = "Id of a job. Default: all jobs.", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what happens; without a JOB_ID begin with what happens from now on." };
        var after = new Option<string?>("--after") { Description = "Begin after this cursor.", HelpName = "CURSOR" };
        var status = new Option<string[]>("--status") { Description = "Only events that tell of this status; may be given often." };
        var queue = new Option<string[]>("--queue", "-q") { Description = "Only events of jobs in this queue; may be given often.", HelpName = "NAME" };
        var type = new Option<string[]>("--type") { Description = "Only events with this detail-type; may be given often." };
        var command = new BatchCommand(
            services,
            "events",
            """
            Shows what happened to jobs, in the order in which it was recorded.
            With -o json each line is an event in the form of Amazon EventBridge.
            """,
            "events JOB_ID",
            "events --follow",
            "events --status FAILED --queue default -o json",
            "events --follow JOB_ID")
        {
            id, follow, after, status, queue, type,
        };
        return command.Does("read the events", async context =>
        {
            var request = new ListEventsRequest
            {
                JobId = context.Get(id),
                After = context.Get(after) ?? (context.Get(follow) && context.Get(id) is null ? "now" : null),
                Statuses = Given(context.Get(status)),
                JobQueues = Given(context.Get(queue)),
                DetailTypes = Given(context.Get(type)),
                MaxResults = PageSize,
            };
            await PrintAsync(context, request, context.Get(follow));
            return ExitCodes.Done;
        });
    }

    private static async Task PrintAsync(CommandContext context, ListEventsRequest request, bool isFollowed)
    {
        var outages = new Outages(context.Terminal.Error, context.Terminal.Time);
        var hasMore = true;
        while (hasMore || isFollowed)
        {
            var page = await outages.RideOutAsync(() => context.Client.ListEventsAsync(request, context.Interrupted), context.Interrupted);
            foreach (var each in page.Events)
            {
                Print(context, each);
            }

            context.Terminal.Out.Flush();
            hasMore = page.HasMore;
            request = request with { After = page.NextCursor, WaitSeconds = isFollowed && !hasMore ? WaitSeconds : null };
        }
    }

    private static void Print(CommandContext context, BatchEvent each)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJsonLine(each, BatchJson.Default.BatchEvent);
            return;
        }

        var detail = each.Detail;
        var what = each.DetailType.EndsWith("Blocked", StringComparison.Ordinal) ? "BLOCKED" : detail.Status;
        context.Terminal.Out.WriteLine(
            $"{each.Time}  {detail.JobId}  {detail.OrleansBatch?.SequenceNumber,3}  {what,-9}  {detail.JobName}{(detail.StatusReason is { } reason ? $"  {reason}" : "")}");
    }

    private static string[]? Given(string[]? values) => values is { Length: > 0 } ? values : null;
}
