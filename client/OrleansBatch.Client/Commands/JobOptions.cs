using System.CommandLine;
using OrleansBatch.Client.Requests;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary>What can be said of a job to be submitted.</summary>
internal sealed class JobOptions
{
    private const string DefaultQueue = "default";
    private const string DefaultDefinition = "shell";

    private readonly Argument<string[]> _command = new("COMMAND")
    {
        Description = "The program and its arguments, after --. There is no shell unless the command is one. Default: the definition's.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string?> _queue = new("--queue", "-q") { Description = "Job queue, name or ARN. Default: default.", HelpName = "NAME" };

    private readonly Option<string?> _definition = new("--definition", "-d")
    {
        Description = "Job definition: NAME, NAME:REVISION or ARN. Default: shell.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _name = new("--name", "-n") { Description = "The job's name. Default: the command's.", HelpName = "NAME" };

    private readonly Option<string?> _vcpus = new("--vcpus") { Description = "vCPUs. Default: the definition's.", HelpName = "N" };

    private readonly Option<string?> _memory = new("--memory") { Description = "Memory in MiB. Default: the definition's.", HelpName = "MIB" };

    private readonly Option<string?> _gpus = new("--gpus") { Description = "GPUs. Default: the definition's.", HelpName = "N" };

    private readonly Option<string[]> _env = new("--env", "-e") { Description = "A variable of the job's environment; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<string[]> _parameter = new("--parameter", "-p")
    {
        Description = "A value for the definition's Ref::NAME; may be given often.",
        HelpName = "NAME=VALUE",
    };

    private readonly Option<string[]> _tag = new("--tag") { Description = "A tag of the job; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<int?> _attempts = new("--attempts") { Description = "How often it is tried in all, 1 to 10. Default: the definition's.", HelpName = "N" };

    private readonly Option<string?> _timeout = new("--timeout")
    {
        Description = "How long each attempt may run, at least 60 s: seconds, or 5m, 2h. Default: the definition's.",
        HelpName = "TIME",
    };

    private readonly Option<int?> _arraySize = new("--array-size")
    {
        Description = "Make it an array of N children, 2 to 10000, which differ in their AWS_BATCH_JOB_ARRAY_INDEX alone.",
        HelpName = "N",
    };

    private readonly Option<string[]> _dependsOn = new("--depends-on")
    {
        Description = "Wait until job ID has succeeded; ID:each in an array: each child waits for the child of the same index of array ID; "
            + "previous in an array: each child waits for the one before it. May be given often: all must hold.",
        HelpName = "ID|ID:each|previous",
    };

    private readonly Option<string?> _from = new("--from")
    {
        Description = "Take the request from this JSON file, - for standard input; options go over it. aws batch submit-job --generate-cli-skeleton makes one.",
        HelpName = "FILE",
    };

    /// <summary>Gives them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_command);
        foreach (var option in new Option[]
        {
            _queue, _definition, _name, _vcpus, _memory, _gpus, _env, _parameter, _tag, _attempts, _timeout, _arraySize, _dependsOn, _from,
        })
        {
            command.Add(option);
        }
    }

    /// <summary>The request that they make.</summary>
    public async Task<SubmitJobRequest> RequestAsync(CommandContext context)
    {
        var given = await RequestFile.ReadAsync(context.Get(_from), static () => BatchJson.Default.SubmitJobRequest, context.Terminal, context.Interrupted);
        var command = context.Get(_command) is { Length: > 0 } words ? words : null;
        var definition = context.Get(_definition) ?? given.JobDefinition ?? DefaultDefinition;
        return given with
        {
            JobQueue = context.Get(_queue) ?? given.JobQueue ?? DefaultQueue,
            JobDefinition = definition,
            JobName = context.Get(_name) ?? given.JobName ?? JobNames.Of(command, definition),
            Parameters = Pairs.Map("--parameter", context.Get(_parameter)) ?? given.Parameters,
            Tags = Pairs.Map("--tag", context.Get(_tag)) ?? given.Tags,
            ContainerOverrides = Overrides(context, command, given.ContainerOverrides),
            RetryStrategy = context.Get(_attempts) is { } attempts
                ? (given.RetryStrategy ?? new()) with { Attempts = attempts }
                : given.RetryStrategy,
            Timeout = context.Get(_timeout) is { } text
                ? new() { AttemptDurationSeconds = (int)Moments.Duration("--timeout", text).TotalSeconds }
                : given.Timeout,
            ArrayProperties = context.Get(_arraySize) is { } size ? new() { Size = size } : given.ArrayProperties,
            DependsOn = Dependencies.Read(context.Get(_dependsOn)) ?? given.DependsOn,
        };
    }

    private ContainerOverrides? Overrides(CommandContext context, string[]? command, ContainerOverrides? given)
    {
        List<ResourceRequirement> needs = [];
        AddNeed(needs, "VCPU", context.Get(_vcpus));
        AddNeed(needs, "MEMORY", context.Get(_memory));
        AddNeed(needs, "GPU", context.Get(_gpus));
        var variables = context.Get(_env) is { Length: > 0 } env
            ? Pairs.Split("--env", env).Select(pair => new EnvironmentVariable { Name = pair.Key, Value = pair.Value }).ToList()
            : null;
        if (command is null && variables is null && needs.Count == 0)
        {
            return given;
        }

        return (given ?? new()) with
        {
            Command = command ?? given?.Command,
            Environment = variables ?? given?.Environment,
            ResourceRequirements = needs.Count > 0 ? needs : given?.ResourceRequirements,
        };
    }

    private static void AddNeed(List<ResourceRequirement> needs, string type, string? value)
    {
        if (value is not null)
        {
            needs.Add(new() { Type = type, Value = value });
        }
    }
}
