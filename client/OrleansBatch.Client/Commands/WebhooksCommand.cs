using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Model;
using OrleansBatch.Model.Webhooks;

namespace OrleansBatch.Client.Commands;

/// <summary><c>webhooks</c>: where events are sent.</summary>
internal static class WebhooksCommand
{
    public static BatchCommand Create(CommandServices services)
    {
        var command = new BatchCommand(
            services, "webhooks", "Lists webhooks, to which events are sent; its commands make, change and delete them.", "webhooks", "webhooks -o json")
        {
            CreateCreate(services),
            CreateUpdate(services),
            CreateDelete(services),
            CreateDeadLetters(services),
            CreateRedrive(services),
        };
        return command.Does("list the webhooks", async context =>
        {
            var found = await context.Client.ListWebhooksAsync(context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(found, BatchJson.Default.ListWebhooksResponse);
                return ExitCodes.Done;
            }

            var table = Tables.Of("NAME", "STATE", "CURSOR", "URL", "LAST FAILURE").Yielding(4);
            foreach (var webhook in found.Webhooks)
            {
                table.Add(webhook.Name, webhook.State, webhook.Cursor, webhook.Url, webhook.LastFailure ?? string.Empty);
            }

            context.Terminal.Write(table);
            return ExitCodes.Done;
        });
    }

    private static BatchCommand CreateCreate(CommandServices services)
    {
        var name = new Argument<string>("NAME") { Description = "The webhook's name." };
        var options = new WebhookOptions();
        var command = new BatchCommand(
            services,
            "create",
            "Makes a webhook: it gets what happens from now on.",
            "webhooks create ci --url http://127.0.0.1:9000/events",
            "webhooks create failures --url https://example.org/hook --status FAILED --queue default --secret-file secret.txt")
        {
            name,
        };
        options.AddTo(command);
        return command.Does("create the webhook", async context =>
            Answer(context, await context.Client.CreateWebhookAsync(await options.RequestOfAsync(context, context.Get(name)!), context.Interrupted), "created"));
    }

    private static BatchCommand CreateUpdate(CommandServices services)
    {
        var name = new Argument<string>("NAME") { Description = "The webhook's name." };
        var options = new WebhookOptions();
        var command = new BatchCommand(
            services, "update", "Changes a webhook: what is not given stays as it is.", "webhooks update ci --state DISABLED", "webhooks update ci --retries 3")
        {
            name,
        };
        options.AddTo(command);
        return command.Does("change the webhook", async context =>
            Answer(context, await context.Client.UpdateWebhookAsync(await options.RequestOfAsync(context, context.Get(name)!), context.Interrupted), "changed"));
    }

    private static BatchCommand CreateDelete(CommandServices services)
    {
        var name = new Argument<string>("NAME") { Description = "The webhook's name." };
        var command = new BatchCommand(services, "delete", "Deletes a webhook with its dead letters.", "webhooks delete ci") { name };
        return command.Does("delete the webhook", async context =>
        {
            await context.Client.DeleteWebhookAsync(context.Get(name)!, context.Interrupted);
            Deletion.Answer(context, [context.Get(name)!], "deleted");
            return ExitCodes.Done;
        });
    }

    private static BatchCommand CreateDeadLetters(CommandServices services)
    {
        var name = new Argument<string>("NAME") { Description = "The webhook's name." };
        var command = new BatchCommand(
            services,
            "dead-letters",
            "Lists the events that could not be delivered; with -o json each line is one.",
            "webhooks dead-letters ci")
        {
            name,
        };
        return command.Does("list the dead letters", async context =>
        {
            string? after = null;
            do
            {
                var page = await context.Client.ListDeadLettersAsync(context.Get(name)!, after, context.Interrupted);
                foreach (var letter in page.DeadLetters)
                {
                    Print(context, letter);
                }

                after = page.NextCursor;
            }
            while (after is not null);
            return ExitCodes.Done;
        });
    }

    private static BatchCommand CreateRedrive(CommandServices services)
    {
        var name = new Argument<string>("NAME") { Description = "The webhook's name." };
        var cursors = new Argument<string[]>("CURSOR") { Description = "Which, as listed. Default: the first hundred.", Arity = ArgumentArity.ZeroOrMore };
        var command = new BatchCommand(
            services, "redrive", "Sends dead letters again, once each.", "webhooks redrive ci", "webhooks redrive ci 1042") { name, cursors };
        return command.Does("send the dead letters again", async context =>
        {
            var chosen = context.Get(cursors) is { Length: > 0 } given ? given : null;
            var answer = await context.Client.RedriveAsync(context.Get(name)!, new() { Cursors = chosen }, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(answer, BatchJson.Default.RedriveResponse);
            }
            else
            {
                context.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{answer.Delivered} delivered, {answer.Failed} failed again"));
            }

            return answer.Failed == 0 ? ExitCodes.Done : ExitCodes.Refused;
        });
    }

    private static void Print(CommandContext context, DeadLetter letter)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJsonLine(letter, BatchJson.Default.DeadLetter);
            return;
        }

        var what = letter.Event is { } lost ? $"{lost.Detail.JobId} {lost.Detail.OrleansBatch?.SequenceNumber} {lost.Detail.Status}" : "(its job is gone)";
        context.Terminal.Out.WriteLine($"{letter.Cursor}  {Texts.ExactTime(letter.At, context.Terminal.Time)}  {what}  {letter.Reason}");
    }

    private static int Answer(CommandContext context, WebhookDetail webhook, string done)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(webhook, BatchJson.Default.WebhookDetail);
        }
        else
        {
            context.Terminal.Out.WriteLine($"{webhook.Name} {done}");
        }

        return ExitCodes.Done;
    }
}
