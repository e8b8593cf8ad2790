using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;

namespace OrleansBatch.Client.Commands;

/// <summary>Which jobs to list.</summary>
internal sealed class JobFilterOptions
{
    private const string DefaultQueue = "default";
    private const int DefaultLimit = 100;

    private readonly Option<string?> _queue = new("--queue", "-q") { Description = "Job queue, name or ARN. Default: default.", HelpName = "NAME" };

    private readonly Option<string?> _array = new("--array", "-a") { Description = "The children of this array instead of the jobs of a queue.", HelpName = "ID" };

    private readonly Option<string?> _nodes = new("--nodes") { Description = "The nodes of this multi-node job instead of the jobs of a queue.", HelpName = "ID" };

    private readonly Option<string[]> _status = new("--status", "-s")
    {
        Description = "SUBMITTED, PENDING, RUNNABLE, STARTING, RUNNING, SUCCEEDED or FAILED; may be given often. Default: all.",
        HelpName = "STATUS",
    };

    private readonly Option<string?> _name = new("--name", "-n") { Description = "Jobs of this name; a final * stands for any rest.", HelpName = "NAME" };

    private readonly Option<string?> _definition = new("--definition", "-d")
    {
        Description = "Jobs of this definition; a final * stands for any rest, an ARN for one revision.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _before = new("--before")
    {
        Description = "Jobs created before this time: 2026-03-01T14:30, or an age such as 10m, 2h, 1d.",
        HelpName = "TIME",
    };

    private readonly Option<string?> _after = new("--after") { Description = "Jobs created after this time.", HelpName = "TIME" };

    private readonly Option<int?> _limit = new("--limit") { Description = "So many jobs at most; 0: all. Default: 100.", HelpName = "N" };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _queue, _array, _nodes, _status, _name, _definition, _before, _after, _limit })
        {
            command.Add(option);
        }
    }

    /// <summary>The listing that they ask for.</summary>
    /// <exception cref="UsageException">They do not go together.</exception>
    public JobListing Listing(CommandContext context)
    {
        var (name, definition) = (context.Get(_name), context.Get(_definition));
        if (name is not null && definition is not null)
        {
            throw new UsageException("--name and --definition do not go together: AWS Batch takes one filter for each call.");
        }

        var (array, nodes) = (context.Get(_array), context.Get(_nodes));
        if (array is not null && nodes is not null)
        {
            throw new UsageException("--array and --nodes do not go together: a job has children or nodes.");
        }

        if ((array ?? nodes) is not null && new Option[] { _queue, _name, _definition, _before, _after }.Any(option => context.Parsed.GetResult(option) is { Implicit: false }))
        {
            throw new UsageException(array is null
                ? "--nodes goes together with --status and --limit alone: AWS Batch filters nodes by nothing else."
                : "--array goes together with --status and --limit alone: AWS Batch filters children by nothing else.");
        }

        var limit = context.Get(_limit) ?? DefaultLimit;
        return new()
        {
            Queue = context.Get(_queue) ?? DefaultQueue,
            Array = array,
            Nodes = nodes,
            Statuses = [.. (context.Get(_status) ?? []).Select(status => status.ToUpperInvariant())],
            Name = name,
            Definition = definition,
            Before = Milliseconds(context, _before),
            After = Milliseconds(context, _after),
            Limit = limit switch
            {
                < 0 => throw new UsageException($"--limit {limit} must be 0 or more."),
                0 => int.MaxValue,
                _ => limit,
            },
        };
    }

    private static long? Milliseconds(CommandContext context, Option<string?> option) =>
        context.Get(option) is { } text ? Moments.Time(option.Name, text, context.Terminal.Time).ToUnixTimeMilliseconds() : null;
}
