using System.CommandLine;
using System.Globalization;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;
using Spectre.Console;

namespace OrleansBatch.Client.Commands;

/// <summary><c>describe</c>: everything about some jobs.</summary>
internal static class DescribeCommand
{
    public static BatchCommand Create(CommandServices services)
    {
        var ids = JobIdArgument.Create();
        var command = new BatchCommand(
            services,
            "describe",
            "Shows jobs in full: what they run, how they fared, attempt by attempt.",
            "describe JOB_ID",
            "describe JOB_ID -o json",
            "describe ARRAY_ID:3",
            "describe MULTI_NODE_JOB_ID#3",
            "jobs --status FAILED | orleansbatch describe -")
        {
            ids,
        };
        return command.Does("describe the jobs", async context =>
        {
            var wanted = await JobIds.ReadAsync(context.Get(ids)!, context.Terminal, context.Interrupted);
            var jobs = await JobReading.ManyAsync(context.Client, wanted, context.Interrupted);
            if (context.IsJson)
            {
                context.Terminal.Out.WriteJson(new() { Jobs = jobs }, BatchJson.Default.DescribeJobsResponse);
            }
            else
            {
                Write(context.Terminal, jobs);
            }

            return JobReading.MissingOf(wanted, jobs) is { Count: > 0 } missing ? throw JobReading.Missing(missing) : ExitCodes.Done;
        });
    }

    private static void Write(Terminal terminal, IReadOnlyList<JobDetail> jobs)
    {
        foreach (var (index, job) in jobs.Index())
        {
            if (index > 0)
            {
                terminal.Out.WriteLine();
            }

            terminal.Write(Tables.Facts(FactsOf(job, terminal.Time)));
            if (job.NodeProperties?.NodeRangeProperties is { } ranges)
            {
                terminal.Out.WriteLine();
                terminal.Write(RangesOf(ranges));
            }

            if (job.EcsProperties is { TaskProperties: [var task] })
            {
                terminal.Out.WriteLine();
                terminal.Write(ContainersOf(task));
            }

            if (job.Attempts.Count > 0)
            {
                terminal.Out.WriteLine();
                terminal.Write(AttemptsOf(job, terminal.Time));
            }
        }
    }

    private static IEnumerable<(string Name, string? Value)> FactsOf(JobDetail job, TimeProvider time) =>
    [
        ("Job", job.JobId),
        ("Name", job.JobName),
        ("Status", job.Status),
        ("Reason", job.StatusReason),
        ("Children", job.ArrayProperties?.StatusSummary is { } summary ? StatusCounts.Of(summary).Text : null),
        ("Array size", Texts.Number(job.ArrayProperties?.Size)),
        ("Array index", Texts.Number(job.ArrayProperties?.Index)),
        ("Nodes", job.NodeProperties is { } nodes ? string.Create(CultureInfo.InvariantCulture, $"{nodes.NumNodes}, the main one is {nodes.MainNode}") : null),
        ("Node", job.NodeDetails is { } node ? string.Create(CultureInfo.InvariantCulture, $"{node.NodeIndex}{(node.IsMainNode ? ", the main one" : string.Empty)}") : null),
        ("Address", job.NodeDetails is null ? null : NetworksOf(job) is [var network, ..] ? network.PrivateIpv4Address : null),
        ("Depends on", Dependencies.Text(job.DependsOn)),
        ("Exit code", Texts.Number(JobFacts.ExitCodeOf(job))),
        ("Queue", Texts.NameOf(job.JobQueue)),
        ("Definition", Texts.NameOf(job.JobDefinition)),
        ("Command", string.Join(' ', job.Container?.Command ?? [])),
        ("Needs", string.Join(", ", (job.Container?.ResourceRequirements ?? []).Select(need => $"{need.Type} {need.Value}"))),
        ("Limits", job.OrleansBatch?.Limits),
        ("Environment", Texts.Pairs(job.Container?.Environment?.Select(variable => KeyValuePair.Create(variable.Name ?? string.Empty, variable.Value ?? string.Empty)))),
        ("Parameters", Texts.Pairs(job.Parameters)),
        ("Tags", Texts.Pairs(job.Tags)),
        ("Attempts", job.RetryStrategy?.Attempts is { } attempts and > 1 ? string.Create(CultureInfo.InvariantCulture, $"{job.Attempts.Count} of {attempts}") : null),
        ("Timeout", job.Timeout?.AttemptDurationSeconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $"{seconds} s") : null),
        ("Created", Texts.Time(job.CreatedAt, time)),
        ("Started", Texts.Time(job.StartedAt, time)),
        ("Stopped", Texts.Time(job.StoppedAt, time)),
        ("Log", job.Container?.LogStreamName),
    ];

    private static Table RangesOf(IReadOnlyList<NodeRangeProperty> ranges)
    {
        var table = Tables.Of("NODES", "IMAGE", "NEEDS", "COMMAND").Yielding(3);
        foreach (var range in ranges)
        {
            if (range.EcsProperties?.TaskProperties is not [{ Containers: { } containers }])
            {
                Add(range.Container?.Image, range.Container?.ResourceRequirements, range.Container?.Command);
                continue;
            }

            foreach (var container in containers)
            {
                Add(container.Image, container.ResourceRequirements, container.Command);
            }

            void Add(string? image, IReadOnlyList<ResourceRequirement>? needs, IReadOnlyList<string>? command) => table.Add(
                range.TargetNodes ?? string.Empty,
                image ?? string.Empty,
                string.Join(", ", (needs ?? []).Select(need => $"{need.Type} {need.Value}")),
                string.Join(' ', command ?? []));
        }

        return table;
    }

    private static IReadOnlyList<NetworkInterface> NetworksOf(JobDetail node) =>
        node.Container?.NetworkInterfaces ?? (node.EcsProperties is { TaskProperties: [{ Containers: [var first, ..] }] } ? first.NetworkInterfaces : []);

    private static Table ContainersOf(EcsTaskDetails task)
    {
        var table = Tables.Of("CONTAINER", "ESSENTIAL", "EXIT", "WAITS FOR", "LOG", "COMMAND").Yielding(5);
        foreach (var container in task.Containers)
        {
            table.Add(
                container.Name ?? string.Empty,
                container.Essential == false ? "no" : "yes",
                Texts.Number(container.ExitCode),
                string.Join(", ", (container.DependsOn ?? []).Select(other => $"{other.ContainerName} {other.Condition}")),
                container.LogStreamName ?? string.Empty,
                string.Join(' ', container.Command ?? []));
        }

        return table;
    }

    private static Table AttemptsOf(JobDetail job, TimeProvider time)
    {
        var table = Tables.Of("ATTEMPT", "EXIT", "STARTED", "STOPPED", "MEMORY", "CPU", "REASON").Yielding(6);
        foreach (var (index, attempt) in job.Attempts.Index())
        {
            table.Add(
                (index + 1).ToString(CultureInfo.InvariantCulture),
                Texts.Number(JobFacts.ExitCodeOf(job, attempt)),
                Texts.Time(attempt.StartedAt, time),
                Texts.Time(attempt.StoppedAt, time),
                attempt.OrleansBatch?.PeakMemoryMiB is { } peak ? string.Create(CultureInfo.InvariantCulture, $"{peak:0.#} MiB") : string.Empty,
                attempt.OrleansBatch?.CpuSeconds is { } cpu ? string.Create(CultureInfo.InvariantCulture, $"{cpu:0.##} s") : string.Empty,
                JobFacts.ReasonOf(attempt) ?? attempt.StatusReason ?? string.Empty);
        }

        return table;
    }
}

/// <summary>The argument of every command that takes jobs.</summary>
internal static class JobIdArgument
{
    public static Argument<string[]> Create() => new("JOB_ID")
    {
        Description = "Ids of jobs; - reads them from standard input, one a line, and so does a pipe when none are given.",
        Arity = ArgumentArity.ZeroOrMore,
    };
}
