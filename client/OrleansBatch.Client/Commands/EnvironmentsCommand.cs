using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Client.Commands;

/// <summary><c>environments</c>: compute environments.</summary>
internal static class EnvironmentsCommand
{
    private const string Hint = "See which there are: orleansbatch environments";

    public static BatchCommand Create(CommandServices services)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names or ARNs. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        var command = new BatchCommand(
            services,
            "environments",
            "Lists compute environments; its commands make, change and delete them.",
            "environments",
            "environments local",
            "environments -o json")
        {
            names,
            CreateCreate(services),
            CreateUpdate(services),
            CreateDelete(services),
            VariablesCommand.Create(
                services,
                "environments",
                "environment",
                static (client, name, interrupted) => client.GetComputeEnvironmentVariablesAsync(name, interrupted),
                static (client, request, interrupted) => client.SetComputeEnvironmentVariablesAsync(request, interrupted)),
        };
        return command.Does("list the environments", async context =>
        {
            var wanted = context.Get(names)!;
            var environments = await DescribeAsync(context.Client, wanted, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(new() { ComputeEnvironments = environments }, BatchJson.Default.DescribeComputeEnvironmentsResponse);
            }
            else
            {
                Write(context.Terminal, environments);
            }

            return wanted.FirstOrDefault(name => !environments.Any(each => name == each.ComputeEnvironmentName || name == each.ComputeEnvironmentArn)) is { } missing
                ? throw Missing(missing)
                : ExitCodes.Done;
        });
    }

    private static BatchCommand CreateCreate(CommandServices services)
    {
        var name = new Argument<string?>("NAME") { Description = "The environment's name.", Arity = ArgumentArity.ZeroOrOne };
        var options = new EnvironmentOptions();
        var command = new BatchCommand(
            services,
            "create",
            """
            Makes a compute environment.
            What AWS asks for and this scheduler keeps without using it (subnets, security groups, roles) is filled in when no --from is given.
            """,
            "environments create big --max-vcpus 64",
            "environments create spare --type SPOT --max-vcpus 16 --tag team=blue",
            "environments create --from environment.json")
        {
            name,
        };
        options.AddTo(command, isCreation: true);
        return command.Does("create the environment", async context =>
        {
            var request = await options.CreateRequestAsync(context, context.Get(name));
            return Answer(context, await context.Client.CreateComputeEnvironmentAsync(request, context.Interrupted), "created");
        });
    }

    private static BatchCommand CreateUpdate(CommandServices services)
    {
        var name = new Argument<string?>("NAME") { Description = "Name or ARN of the environment.", Arity = ArgumentArity.ZeroOrOne };
        var options = new EnvironmentOptions();
        var command = new BatchCommand(
            services,
            "update",
            "Changes a compute environment: what is not given stays as it is.",
            "environments update big --max-vcpus 128",
            "environments update big --state DISABLED")
        {
            name,
        };
        options.AddTo(command, isCreation: false);
        return command.Does("update the environment", async context =>
        {
            var request = await options.UpdateRequestAsync(context, context.Get(name));
            return Answer(context, await context.Client.UpdateComputeEnvironmentAsync(request, context.Interrupted), "updated");
        });
    }

    private static BatchCommand CreateDelete(CommandServices services)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names or ARNs of environments.", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force", "-f") { Description = "Disable it first, and wait until it is gone." };
        var command = new BatchCommand(
            services,
            "delete",
            "Deletes compute environments, which must be DISABLED and in no queue.",
            "environments delete big",
            "environments delete big --force")
        {
            names, force,
        };
        return command.Does("delete the environment", context => Deletion.RunAsync(
            context,
            context.Get(names)!,
            context.Get(force),
            async name => (await DescribeAsync(context.Client, [name], context.Interrupted)).Count > 0,
            name => context.Client.UpdateComputeEnvironmentAsync(new() { ComputeEnvironment = name, State = "DISABLED" }, context.Interrupted),
            name => context.Client.DeleteComputeEnvironmentAsync(new() { ComputeEnvironment = name }, context.Interrupted),
            Missing));
    }

    private static Task<IReadOnlyList<ComputeEnvironmentDetail>> DescribeAsync(IBatchClient client, string[] names, CancellationToken cancellationToken) =>
        Paging.AllAsync(async token =>
        {
            var page = await client.DescribeComputeEnvironmentsAsync(
                new() { ComputeEnvironments = names.Length > 0 ? names : null, NextToken = token },
                cancellationToken);
            return (page.ComputeEnvironments, page.NextToken);
        });

    private static NotFoundException Missing(string name) => new($"Compute environment {name} does not exist.", Hint);

    private static int Answer(CommandContext context, ComputeEnvironmentResponse answer, string done)
    {
        if (context.IsJson)
        {
            context.Terminal.Out.WriteJson(answer, BatchJson.Default.ComputeEnvironmentResponse);
        }
        else
        {
            context.Terminal.Out.WriteLine($"{done} {answer.ComputeEnvironmentName}");
        }

        return ExitCodes.Done;
    }

    private static void Write(Terminal terminal, IReadOnlyList<ComputeEnvironmentDetail> environments)
    {
        var table = Tables.Of("ENVIRONMENT", "STATE", "STATUS", "KIND", "VCPUS", "IN USE", "HOSTS", "COST").Yielding(0);
        foreach (var each in environments)
        {
            table.Add(
                each.ComputeEnvironmentName,
                each.State,
                each.Status,
                each.ComputeResources?.Type ?? each.Type,
                each.ComputeResources switch
                {
                    null => string.Empty,
                    { DesiredvCpus: { } desired } resources => string.Create(CultureInfo.InvariantCulture, $"{desired} of {resources.MaxvCpus}"),
                    var resources => string.Create(CultureInfo.InvariantCulture, $"up to {resources.MaxvCpus}"),
                },
                each.OrleansBatch?.UsedVcpus.ToString("0.###", CultureInfo.InvariantCulture) ?? string.Empty,
                Texts.Number(each.OrleansBatch?.Hosts),
                each.OrleansBatch is { CostUsd: > 0 and var cost } ? string.Create(CultureInfo.InvariantCulture, $"{cost:0.0000} USD") : string.Empty);
        }

        terminal.Write(table);
    }
}

/// <summary>What can be said of an environment.</summary>
internal sealed class EnvironmentOptions
{
    private const string Unmanaged = "UNMANAGED";

    private readonly Option<string?> _type = new("--type") { Description = "EC2, SPOT, FARGATE, FARGATE_SPOT or UNMANAGED. Default: EC2.", HelpName = "TYPE" };

    private readonly Option<int?> _maxvCpus = new("--max-vcpus") { Description = "vCPUs at most.", HelpName = "N" };

    private readonly Option<int?> _minvCpus = new("--min-vcpus") { Description = "vCPUs kept. Default: 0.", HelpName = "N" };

    private readonly Option<string?> _state = new("--state") { Description = "ENABLED or DISABLED: whether jobs are placed on it.", HelpName = "STATE" };

    private readonly Option<string[]> _tag = new("--tag") { Description = "A tag; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<string?> _from = new("--from") { Description = "Take the request from this JSON file, - for standard input; options go over it.", HelpName = "FILE" };

    public void AddTo(Command command, bool isCreation)
    {
        if (isCreation)
        {
            command.Add(_type);
            command.Add(_tag);
        }

        command.Add(_maxvCpus);
        command.Add(_minvCpus);
        command.Add(_state);
        command.Add(_from);
    }

    public async Task<CreateComputeEnvironmentRequest> CreateRequestAsync(CommandContext context, string? name)
    {
        var file = context.Get(_from);
        var given = await RequestFile.ReadAsync(file, static () => BatchJson.Default.CreateComputeEnvironmentRequest, context.Terminal, context.Interrupted);
        var type = context.Get(_type)?.ToUpperInvariant();
        var isUnmanaged = type == Unmanaged || (type is null && given.Type == Unmanaged);
        return given with
        {
            ComputeEnvironmentName = name ?? given.ComputeEnvironmentName,
            Type = isUnmanaged ? Unmanaged : given.Type ?? "MANAGED",
            State = StateOf(context) ?? given.State,
            Tags = Pairs.Map("--tag", context.Get(_tag)) ?? given.Tags,
            ComputeResources = isUnmanaged ? given.ComputeResources : Resources(context, given.ComputeResources ?? Usual(type, isFromFile: file is not null), type),
        };
    }

    public async Task<UpdateComputeEnvironmentRequest> UpdateRequestAsync(CommandContext context, string? name)
    {
        var given = await RequestFile.ReadAsync(context.Get(_from), static () => BatchJson.Default.UpdateComputeEnvironmentRequest, context.Terminal, context.Interrupted);
        var changesResources = context.Get(_maxvCpus) is not null || context.Get(_minvCpus) is not null;
        return given with
        {
            ComputeEnvironment = name ?? given.ComputeEnvironment,
            State = StateOf(context) ?? given.State,
            ComputeResources = changesResources ? Resources(context, given.ComputeResources ?? new(), type: null) : given.ComputeResources,
        };
    }

    private ComputeResource Resources(CommandContext context, ComputeResource given, string? type) => given with
    {
        Type = type ?? given.Type,
        MaxvCpus = context.Get(_maxvCpus) ?? given.MaxvCpus,
        MinvCpus = context.Get(_minvCpus) ?? given.MinvCpus,
    };

    /// <summary>What AWS asks for and nothing here resolves.</summary>
    private static ComputeResource Usual(string? type, bool isFromFile)
    {
        if (isFromFile)
        {
            return new();
        }

        var network = new ComputeResource { Type = type ?? "EC2", Subnets = ["subnet-00000000"], SecurityGroupIds = ["sg-00000000"] };
        return network.Type!.StartsWith("FARGATE", StringComparison.Ordinal)
            ? network
            : network with
            {
                MinvCpus = 0,
                InstanceTypes = ["optimal"],
                InstanceRole = "ecsInstanceRole",
                AllocationStrategy = network.Type == "SPOT" ? "SPOT_CAPACITY_OPTIMIZED" : null,
            };
    }

    private string? StateOf(CommandContext context) => context.Get(_state)?.ToUpperInvariant();
}
