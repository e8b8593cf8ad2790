using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Client.Commands;

/// <summary><c>definitions</c>: job definitions.</summary>
internal static class DefinitionsCommand
{
    private const string Active = "ACTIVE";
    private const string Hint = "See which there are: orleansbatch definitions --all";

    public static BatchCommand Create(CommandServices services)
    {
        var names = new Argument<string[]>("NAME") { Description = "NAME, NAME:REVISION or ARN. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all", "-a") { Description = "Also revisions that are INACTIVE." };
        var command = new BatchCommand(
            services,
            "definitions",
            "Lists job definitions that are ACTIVE, revision by revision; its commands make, change and delete them.",
            "definitions",
            "definitions shell --all",
            "definitions shell:1 -o json")
        {
            names,
            all,
            CreateCreate(services),
            CreateUpdate(services),
            CreateDelete(services),
        };
        return command.Does("list the definitions", async context =>
        {
            var definitions = await ListAsync(context, context.Get(names)!, context.Get(all));
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(new() { JobDefinitions = definitions }, BatchJson.Default.DescribeJobDefinitionsResponse);
            }
            else
            {
                Write(context.Terminal, definitions);
            }

            return ExitCodes.Done;
        });
    }

    private static BatchCommand CreateCreate(CommandServices services)
    {
        var options = new DefinitionOptions();
        var command = new BatchCommand(
            services,
            "create",
            "Registers a job definition; of a name that there is already, its next revision.",
            "definitions create hello -- echo hello",
            "definitions create simulate --vcpus 2 --memory 1024 --parameter steps=100 --attempts 3 -- ./simulate --steps Ref::steps",
            "definitions create --from definition.json");
        command.Aliases.Add("register");
        options.AddTo(command);
        return command.Does("create the definition", async context =>
            Answer(context, await context.Client.RegisterJobDefinitionAsync(await options.CreateRequestAsync(context), context.Interrupted)));
    }

    private static BatchCommand CreateUpdate(CommandServices services)
    {
        var options = new DefinitionOptions();
        var command = new BatchCommand(
            services,
            "update",
            "Registers the next revision of a job definition: its newest one with what is given changed.",
            "definitions update simulate --memory 2048",
            "definitions update hello -- echo hello again");
        options.AddTo(command);
        return command.Does("update the definition", async context =>
        {
            var name = options.NameOf(context) ?? throw new UsageException("The name of a job definition must be given.");
            var newest = await OfNameAsync(context.Client, name, Active, context.Interrupted) is [var first, ..] ? first : throw Missing(name);
            return Answer(context, await context.Client.RegisterJobDefinitionAsync(await options.UpdateRequestAsync(context, newest), context.Interrupted));
        });
    }

    private static BatchCommand CreateDelete(CommandServices services)
    {
        var names = new Argument<string[]>("NAME") { Description = "NAME for its newest active revision, NAME:REVISION or ARN.", Arity = ArgumentArity.OneOrMore };
        var all = new Option<bool>("--all-revisions") { Description = "Every active revision of the names." };
        var command = new BatchCommand(
            services,
            "delete",
            "Deregisters job definitions: no new job can name them, and jobs that there are go on.",
            "definitions delete hello:1",
            "definitions delete hello --all-revisions")
        {
            names, all,
        };
        return command.Does("delete the definition", async context =>
        {
            List<string> revisions = [];
            foreach (var name in context.Get(names)!)
            {
                revisions.AddRange(await RevisionsAsync(context, name, context.Get(all)));
            }

            foreach (var revision in revisions)
            {
                await context.Client.DeregisterJobDefinitionAsync(new() { JobDefinition = revision }, context.Interrupted);
            }

            Deletion.Answer(context, [.. revisions], "deregistered");
            return ExitCodes.Done;
        });
    }

    /// <summary>The revisions that a name means when it is to be deleted.</summary>
    private static async Task<IEnumerable<string>> RevisionsAsync(CommandContext context, string name, bool all)
    {
        var found = IsRevision(name)
            ? await DescribeAsync(context.Client, new() { JobDefinitions = [name] }, context.Interrupted)
            : await OfNameAsync(context.Client, name, Active, context.Interrupted);
        return found.Count > 0
            ? found.Take(all ? int.MaxValue : 1).Select(Reference)
            : throw Missing(name);
    }

    private static async Task<IReadOnlyList<JobDefinitionDetail>> ListAsync(CommandContext context, string[] names, bool all)
    {
        if (names.Length == 0)
        {
            return await DescribeAsync(context.Client, new() { Status = all ? null : Active }, context.Interrupted);
        }

        List<JobDefinitionDetail> definitions = [];
        foreach (var name in names)
        {
            var found = IsRevision(name)
                ? await DescribeAsync(context.Client, new() { JobDefinitions = [name] }, context.Interrupted)
                : await OfNameAsync(context.Client, name, all ? null : Active, context.Interrupted);
            definitions.AddRange(found.Count > 0 ? found : throw Missing(name));
        }

        return definitions;
    }

    private static Task<IReadOnlyList<JobDefinitionDetail>> OfNameAsync(IBatchClient client, string name, string? status, CancellationToken cancellationToken) =>
        DescribeAsync(client, new() { JobDefinitionName = name, Status = status }, cancellationToken);

    private static Task<IReadOnlyList<JobDefinitionDetail>> DescribeAsync(
        IBatchClient client,
        DescribeJobDefinitionsRequest request,
        CancellationToken cancellationToken) => Paging.AllAsync(async token =>
        {
            var page = await client.DescribeJobDefinitionsAsync(request with { NextToken = token }, cancellationToken);
            return (page.JobDefinitions, page.NextToken);
        });

    private static bool IsRevision(string name) => name.Contains(':', StringComparison.Ordinal);

    private static string Reference(JobDefinitionDetail definition) =>
        string.Create(CultureInfo.InvariantCulture, $"{definition.JobDefinitionName}:{definition.Revision}");

    private static NotFoundException Missing(string name) => new($"Job definition {name} does not exist, or has no active revision.", Hint);

    private static int Answer(CommandContext context, RegisterJobDefinitionResponse answer)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(answer, BatchJson.Default.RegisterJobDefinitionResponse);
        }
        else
        {
            context.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"registered {answer.JobDefinitionName}:{answer.Revision}"));
        }

        return ExitCodes.Done;
    }

    private static void Write(Terminal terminal, IReadOnlyList<JobDefinitionDetail> definitions)
    {
        var table = Tables.Of("DEFINITION", "STATUS", "NEEDS", "COMMAND").Yielding(0).Yielding(3);
        foreach (var definition in definitions)
        {
            var container = definition.ContainerProperties;
            table.Add(
                Reference(definition),
                definition.Status,
                string.Join(", ", (container?.ResourceRequirements ?? []).Select(need => $"{need.Type} {need.Value}")),
                string.Join(' ', container?.Command ?? []));
        }

        terminal.Write(table);
    }
}
