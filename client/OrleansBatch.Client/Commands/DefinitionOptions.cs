using System.CommandLine;
using OrleansBatch.Client.Requests;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Client.Commands;

/// <summary>What can be said of a job definition.</summary>
internal sealed class DefinitionOptions
{
    private const string DefaultImage = "host";
    private const string DefaultVcpus = "1";
    private const string DefaultMemory = "128";

    private readonly Argument<string?> _name = new("NAME") { Description = "The definition's name.", Arity = ArgumentArity.ZeroOrOne };

    private readonly Argument<string[]> _command = new("COMMAND") { Description = "The program and its arguments, after --.", Arity = ArgumentArity.ZeroOrMore };

    private readonly Option<string?> _image = new("--image") { Description = "Container image: kept, not pulled. Default: host.", HelpName = "IMAGE" };

    private readonly Option<string?> _vcpus = new("--vcpus") { Description = "vCPUs. Default: 1.", HelpName = "N" };

    private readonly Option<string?> _memory = new("--memory") { Description = "Memory in MiB. Default: 128.", HelpName = "MIB" };

    private readonly Option<string?> _gpus = new("--gpus") { Description = "GPUs. Default: none.", HelpName = "N" };

    private readonly Option<string[]> _env = new("--env", "-e") { Description = "A variable of the jobs' environment; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<string[]> _parameter = new("--parameter", "-p") { Description = "A default for Ref::NAME; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<string[]> _tag = new("--tag") { Description = "A tag; may be given often.", HelpName = "NAME=VALUE" };

    private readonly Option<int?> _attempts = new("--attempts") { Description = "How often a job is tried in all, 1 to 10.", HelpName = "N" };

    private readonly Option<string?> _timeout = new("--timeout") { Description = "How long an attempt may run, at least 60 s: seconds, or 5m, 2h.", HelpName = "TIME" };

    private readonly Option<string?> _from = new("--from") { Description = "Take the request from this JSON file, - for standard input; options go over it.", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(_name);
        command.Add(_command);
        foreach (var option in new Option[] { _image, _vcpus, _memory, _gpus, _env, _parameter, _tag, _attempts, _timeout, _from })
        {
            command.Add(option);
        }
    }

    public string? NameOf(CommandContext context) => context.Get(_name);

    public async Task<RegisterJobDefinitionRequest> CreateRequestAsync(CommandContext context)
    {
        var file = context.Get(_from);
        var given = await RequestFile.ReadAsync(file, static () => BatchJson.Default.RegisterJobDefinitionRequest, context.Terminal, context.Interrupted);
        var usual = new ContainerProperties
        {
            Image = DefaultImage,
            ResourceRequirements = [new() { Type = "VCPU", Value = DefaultVcpus }, new() { Type = "MEMORY", Value = DefaultMemory }],
        };
        return Over(context, given with { Type = given.Type ?? "container" }, given.ContainerProperties ?? (file is null ? usual : null));
    }

    /// <summary>The request for the revision after this one.</summary>
    public async Task<RegisterJobDefinitionRequest> UpdateRequestAsync(CommandContext context, JobDefinitionDetail newest)
    {
        var file = await RequestFile.ReadAsync(context.Get(_from), static () => BatchJson.Default.RegisterJobDefinitionRequest, context.Terminal, context.Interrupted);
        var given = new RegisterJobDefinitionRequest
        {
            JobDefinitionName = newest.JobDefinitionName,
            Type = newest.Type,
            Parameters = file.Parameters ?? newest.Parameters,
            SchedulingPriority = file.SchedulingPriority ?? newest.SchedulingPriority,
            RetryStrategy = file.RetryStrategy ?? newest.RetryStrategy,
            Timeout = file.Timeout ?? newest.Timeout,
            PropagateTags = file.PropagateTags ?? newest.PropagateTags,
            PlatformCapabilities = file.PlatformCapabilities ?? newest.PlatformCapabilities,
            Tags = file.Tags ?? (newest.Tags is { Count: > 0 } tags ? tags : null),
            EcsProperties = file.EcsProperties ?? (file.ContainerProperties is null ? newest.EcsProperties : null),
        };
        return Over(context, given, file.ContainerProperties ?? (given.EcsProperties is null ? newest.ContainerProperties : null));
    }

    private RegisterJobDefinitionRequest Over(CommandContext context, RegisterJobDefinitionRequest given, ContainerProperties? container) => given with
    {
        JobDefinitionName = context.Get(_name) ?? given.JobDefinitionName,
        ContainerProperties = container is null ? null : Over(context, container),
        Parameters = Pairs.Map("--parameter", context.Get(_parameter)) ?? given.Parameters,
        Tags = Pairs.Map("--tag", context.Get(_tag)) ?? given.Tags,
        RetryStrategy = context.Get(_attempts) is { } attempts ? (given.RetryStrategy ?? new()) with { Attempts = attempts } : given.RetryStrategy,
        Timeout = context.Get(_timeout) is { } text
            ? new() { AttemptDurationSeconds = (int)Moments.Duration("--timeout", text).TotalSeconds }
            : given.Timeout,
    };

    private ContainerProperties Over(CommandContext context, ContainerProperties given)
    {
        Dictionary<string, string?> needs = (given.ResourceRequirements ?? []).ToDictionary(need => need.Type ?? string.Empty, need => need.Value);
        foreach (var (type, value) in new[] { ("VCPU", context.Get(_vcpus)), ("MEMORY", context.Get(_memory)), ("GPU", context.Get(_gpus)) })
        {
            if (value is not null)
            {
                needs[type] = value;
            }
        }

        return given with
        {
            Image = context.Get(_image) ?? given.Image,
            Command = context.Get(_command) is { Length: > 0 } words ? words : given.Command,
            Environment = context.Get(_env) is { Length: > 0 } env
                ? [.. Pairs.Split("--env", env).Select(pair => new EnvironmentVariable { Name = pair.Key, Value = pair.Value })]
                : given.Environment,
            ResourceRequirements = needs.Count > 0
                ? [.. needs.Select(need => new ResourceRequirement { Type = need.Key, Value = need.Value })]
                : given.ResourceRequirements,
        };
    }
}
