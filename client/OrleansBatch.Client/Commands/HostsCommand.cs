using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using Spectre.Console;

namespace OrleansBatch.Client.Commands;

/// <summary><c>hosts</c>: the hosts of compute environments.</summary>
internal static class HostsCommand
{
    private const int WideTerminal = 150;
    private const string Environment = "ENVIRONMENT";
    private const string Reason = "REASON";

    public static BatchCommand Create(CommandServices services)
    {
        var names = new Argument<string[]>("ENVIRONMENT") { Description = "Names or ARNs of compute environments. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        var history = new Option<bool>("--history") { Description = "List those that have ended too." };
        var command = new BatchCommand(
            services,
            "hosts",
            "Lists the hosts of compute environments: their types, load and cost.",
            "hosts",
            "hosts big --history",
            "hosts big -o json")
        {
            names,
            history,
            CreateInterrupt(services),
        };
        return command.Does("list the hosts", async context =>
        {
            var environments = context.Get(names) is { Length: > 0 } given ? given : await AllAsync(context.Client, context.Interrupted);
            List<ListHostsResponse> answers = [];
            foreach (var environment in environments)
            {
                answers.Add(await ReadAsync(context.Client, environment, context.Get(history), context.Interrupted));
            }

            if (context.IsJson)
            {
                answers.ForEach(answer => context.Terminal.Out.WriteJson(answer, BatchJson.Default.ListHostsResponse));
            }
            else
            {
                Write(context.Terminal, answers);
            }

            return ExitCodes.Done;
        });
    }

    private static BatchCommand CreateInterrupt(CommandServices services)
    {
        var ids = new Argument<string[]>("HOST_ID") { Description = "Ids of Spot hosts.", Arity = ArgumentArity.OneOrMore };
        var command = new BatchCommand(
            services,
            "interrupt",
            """
            Takes Spot hosts back, as EC2 does.
            They take no more jobs; in two minutes what runs on them is stopped, and the jobs' retry strategies decide.
            """,
            "hosts interrupt i-0123456789abcdef0")
        {
            ids,
        };
        return command.Does("interrupt the host", async context =>
        {
            foreach (var id in context.Get(ids)!)
            {
                var host = await context.Client.InterruptHostAsync(id, context.Interrupted);
                if (context.IsJson)
                {
                    context.Terminal.Out.WriteJson(host, BatchJson.Default.HostDetail);
                }
                else
                {
                    context.Terminal.Out.WriteLine($"interrupted {host.HostId}: it ends at {Texts.Time(host.EndsAt, context.Terminal.Time)}");
                }
            }

            return ExitCodes.Done;
        });
    }

    private static async Task<string[]> AllAsync(IBatchClient client, CancellationToken cancellationToken) =>
    [
        .. (await Paging.AllAsync(async token =>
        {
            var page = await client.DescribeComputeEnvironmentsAsync(new() { NextToken = token }, cancellationToken);
            return (page.ComputeEnvironments, page.NextToken);
        })).Select(environment => environment.ComputeEnvironmentName),
    ];

    private static async Task<ListHostsResponse> ReadAsync(IBatchClient client, string environment, bool history, CancellationToken cancellationToken)
    {
        var (name, cost) = (environment, 0m);
        var hosts = await Paging.AllAsync(async token =>
        {
            var page = await client.ListHostsAsync(new() { ComputeEnvironment = environment, History = history, NextToken = token }, cancellationToken);
            (name, cost) = (page.ComputeEnvironment, page.CostUsd);
            return (page.Hosts, page.NextToken);
        });
        return new() { ComputeEnvironment = name, Hosts = hosts, CostUsd = cost };
    }

    private static void Write(Terminal terminal, List<ListHostsResponse> answers)
    {
        var isWide = !terminal.IsOutTerminal || terminal.OutConsole().Profile.Width >= WideTerminal;
        Column[] shown = [.. Columns(terminal).Where(column => isWide || column.IsOnNarrow || (column.Heading == Environment && answers.Count > 1))];
        var table = Tables.Of([.. shown.Select(column => column.Heading)]).Yielding(Array.FindIndex(shown, column => column.Heading == (isWide ? Reason : Environment)) is var give and >= 0 ? give : 0);
        foreach (var (environment, host) in answers.SelectMany(answer => answer.Hosts.Select(host => (answer.ComputeEnvironment, host))))
        {
            _ = table.AddRow(shown.Select(column => column.Cell(environment, host)));
        }

        terminal.Write(table);
    }

    private static Column[] Columns(Terminal terminal) =>
    [
        new("HOST", true, (_, host) => new(host.HostId)),
        new(Environment, false, (environment, _) => new(environment)),
        new("TYPE", true, (_, host) => new(host.InstanceType)),
        new("STATE", true, (_, host) => Tables.Cell(host.State)),
        new("LOAD", true, (_, host) => LoadBar.Of(Load(host), terminal.IsOutTerminal)),
        new("VCPUS", false, (_, host) => new(string.Create(CultureInfo.InvariantCulture, $"{host.UsedVcpus:0.###} of {host.Vcpus:0.###}"))),
        new("MEMORY", false, (_, host) => new(string.Create(CultureInfo.InvariantCulture, $"{host.UsedMemoryMiB} of {host.MemoryMiB} MiB"))),
        new("GPUS", false, (_, host) => new(host.Gpus is { } gpus ? string.Create(CultureInfo.InvariantCulture, $"{host.UsedGpus ?? 0} of {gpus}") : string.Empty)),
        new("JOBS", true, (_, host) => new(Texts.Number(host.Jobs))),
        new("SINCE", false, (_, host) => new(Texts.Time(host.EndedAt ?? host.LaunchedAt, terminal.Time))),
        new("COST", false, (_, host) => new(host.UsdPerHour == 0 ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{host.CostUsd:0.0000} USD"))),
        new(Reason, false, (_, host) => new(host.EndReason ?? host.LaunchReason ?? string.Empty)),
    ];

    /// <summary>Of what is scarcest there, 0 to 1.</summary>
    private static double Load(HostDetail host) => (double)Math.Clamp(
        Math.Max(
            host.Vcpus > 0 ? host.UsedVcpus / host.Vcpus : 0,
            Math.Max(host.MemoryMiB > 0 ? host.UsedMemoryMiB / (decimal)host.MemoryMiB : 0, host.Gpus > 0 ? (host.UsedGpus ?? 0) / (decimal)host.Gpus : 0)),
        0,
        1);

    /// <summary>A column of the table.</summary>
    /// <param name="Heading">Its heading.</param>
    /// <param name="IsOnNarrow">Whether there is room for it on any terminal.</param>
    /// <param name="Cell">What stands there, of an environment and its host.</param>
    private sealed record Column(string Heading, bool IsOnNarrow, Func<string, HostDetail, Text> Cell);
}
