using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Client.Commands;

/// <summary><c>queues</c>: job queues.</summary>
internal static class QueuesCommand
{
    private const string Hint = "See which there are: orleansbatch queues";

    public static BatchCommand Create(CommandServices services)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names or ARNs. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        var command = new BatchCommand(services, "queues", "Lists job queues; its commands make, change and delete them.", "queues", "queues default", "queues -o json")
        {
            names,
            CreateCreate(services),
            CreateUpdate(services),
            CreateDelete(services),
            VariablesCommand.Create(
                services,
                "queues",
                "queue",
                static (client, name, interrupted) => client.GetJobQueueVariablesAsync(name, interrupted),
                static (client, request, interrupted) => client.SetJobQueueVariablesAsync(request, interrupted)),
        };
        return command.Does("list the queues", async context =>
        {
            var wanted = context.Get(names)!;
            var queues = await DescribeAsync(context.Client, wanted, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(new() { JobQueues = queues }, BatchJson.Default.DescribeJobQueuesResponse);
            }
            else
            {
                Write(context.Terminal, queues);
            }

            return wanted.FirstOrDefault(name => !queues.Any(queue => name == queue.JobQueueName || name == queue.JobQueueArn)) is { } missing
                ? throw Missing(missing)
                : ExitCodes.Done;
        });
    }

    private static BatchCommand CreateCreate(CommandServices services)
    {
        var name = new Argument<string?>("NAME") { Description = "The queue's name.", Arity = ArgumentArity.ZeroOrOne };
        var options = new QueueOptions();
        var command = new BatchCommand(
            services,
            "create",
            "Makes a job queue.",
            "queues create nightly --environment local --priority 5",
            "queues create wide --environment local --environment spare --tag team=blue",
            "queues create --from queue.json")
        {
            name,
        };
        options.AddTo(command, withTags: true);
        return command.Does("create the queue", async context =>
        {
            var given = await RequestFile.ReadAsync(options.FromOf(context), static () => BatchJson.Default.CreateJobQueueRequest, context.Terminal, context.Interrupted);
            var request = given with
            {
                JobQueueName = context.Get(name) ?? given.JobQueueName,
                Priority = options.PriorityOf(context) ?? given.Priority ?? 1,
                State = options.StateOf(context) ?? given.State,
                ComputeEnvironmentOrder = options.OrderOf(context) ?? given.ComputeEnvironmentOrder,
                Tags = options.TagsOf(context) ?? given.Tags,
            };
            return Answer(context, await context.Client.CreateJobQueueAsync(request, context.Interrupted), "created");
        });
    }

    private static BatchCommand CreateUpdate(CommandServices services)
    {
        var name = new Argument<string?>("NAME") { Description = "Name or ARN of the queue.", Arity = ArgumentArity.ZeroOrOne };
        var options = new QueueOptions();
        var command = new BatchCommand(
            services,
            "update",
            "Changes a job queue: what is not given stays as it is.",
            "queues update nightly --priority 9",
            "queues update nightly --state DISABLED",
            "queues update nightly --environment spare")
        {
            name,
        };
        options.AddTo(command, withTags: false);
        return command.Does("update the queue", async context =>
        {
            var given = await RequestFile.ReadAsync(options.FromOf(context), static () => BatchJson.Default.UpdateJobQueueRequest, context.Terminal, context.Interrupted);
            var request = given with
            {
                JobQueue = context.Get(name) ?? given.JobQueue,
                Priority = options.PriorityOf(context) ?? given.Priority,
                State = options.StateOf(context) ?? given.State,
                ComputeEnvironmentOrder = options.OrderOf(context) ?? given.ComputeEnvironmentOrder,
            };
            return Answer(context, await context.Client.UpdateJobQueueAsync(request, context.Interrupted), "updated");
        });
    }

    private static BatchCommand CreateDelete(CommandServices services)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names or ARNs of queues.", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Disable it first, and wait until it is gone. Its jobs are ended." };
        var command = new BatchCommand(
            services,
            "delete",
            "Deletes job queues, which must be DISABLED. Jobs that are in them are ended.",
            "queues delete nightly",
            "queues delete nightly --force")
        {
            names, force,
        };
        return command.Does("delete the queue", context => Deletion.RunAsync(
            context,
            context.Get(names)!,
            context.Get(force),
            async name => (await DescribeAsync(context.Client, [name], context.Interrupted)).Count > 0,
            name => context.Client.UpdateJobQueueAsync(new() { JobQueue = name, State = "DISABLED" }, context.Interrupted),
            name => context.Client.DeleteJobQueueAsync(new() { JobQueue = name }, context.Interrupted),
            Missing));
    }

    private static Task<IReadOnlyList<JobQueueDetail>> DescribeAsync(IBatchClient client, string[] names, CancellationToken cancellationToken) =>
        Paging.AllAsync(async token =>
        {
            var page = await client.DescribeJobQueuesAsync(new() { JobQueues = names.Length > 0 ? names : null, NextToken = token }, cancellationToken);
            return (page.JobQueues, page.NextToken);
        });

    private static NotFoundException Missing(string name) => new($"Job queue {name} does not exist.", Hint);

    private static int Answer(CommandContext context, JobQueueResponse answer, string done)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(answer, BatchJson.Default.JobQueueResponse);
        }
        else
        {
            context.Terminal.Out.WriteLine($"{done} {answer.JobQueueName}");
        }

        return ExitCodes.Done;
    }

    private static void Write(Terminal terminal, IReadOnlyList<JobQueueDetail> queues)
    {
        var table = Tables.Of("QUEUE", "STATE", "STATUS", "PRIORITY", "ENVIRONMENTS").Yielding(0).Yielding(4);
        foreach (var queue in queues)
        {
            table.Add(
                queue.JobQueueName,
                queue.State,
                queue.Status,
                Texts.Number(queue.Priority),
                string.Join(", ", queue.ComputeEnvironmentOrder.Select(order => Texts.NameOf(order.ComputeEnvironment ?? string.Empty))));
        }

        terminal.Write(table);
    }
}

/// <summary>What can be said of a queue.</summary>
internal sealed class QueueOptions
{
    private readonly Option<string[]> _environment = new("--environment", "-e")
    {
        Description = "A compute environment, name or ARN; may be given up to three times, tried in this order.",
        HelpName = "NAME",
    };

    private readonly Option<int?> _priority = new("--priority") { Description = "Higher first. Default of a new queue: 1.", HelpName = "N" };

    private readonly Option<string?> _state = new("--state") { Description = "ENABLED or DISABLED: whether it takes jobs.", HelpName = "STATE" };

    private readonly Option<string[]> _tag = new("--tag") { Description = "A tag; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<string?> _from = new("--from") { Description = "Take the request from this JSON file, - for standard input; options go over it.", HelpName = "FILE" };

    public void AddTo(Command command, bool withTags)
    {
        command.Add(_environment);
        command.Add(_priority);
        command.Add(_state);
        if (withTags)
        {
            command.Add(_tag);
        }

        command.Add(_from);
    }

    public string? FromOf(CommandContext context) => context.Get(_from);

    public int? PriorityOf(CommandContext context) => context.Get(_priority);

    public string? StateOf(CommandContext context) => context.Get(_state)?.ToUpperInvariant();

    public IReadOnlyDictionary<string, string>? TagsOf(CommandContext context) => Pairs.Map("--tag", context.Get(_tag));

    public IReadOnlyList<ComputeEnvironmentOrder>? OrderOf(CommandContext context) => context.Get(_environment) is { Length: > 0 } names
        ? [.. names.Index().Select(entry => new ComputeEnvironmentOrder { Order = entry.Index + 1, ComputeEnvironment = entry.Item })]
        : null;
}
