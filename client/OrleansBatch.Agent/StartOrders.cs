using System.Collections.Immutable;
using OrleansBatch.Agent.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent;

/// <summary>Turns launches into what the supervisor needs, and its facts into reports.</summary>
internal sealed class StartOrders(AttemptEnvironment environment, LogFiles logs, AgentOptions options)
{
    private const long Mebibyte = 1024 * 1024;

    // Memory and swap together can still be counted in bytes.
    private const long MostMebibytes = long.MaxValue / Mebibyte / 4;
    private const long SharesPerVcpu = 1024;

    // What a supervisor of an earlier version says, which would not look for containers.
    private const string NoContainers = "the supervisor is of an earlier version, which knows no jobs of several containers";

    /// <summary>Why no attempt of the present supervisor is limited, if it does not say so itself: it is of a version that knew no limits.</summary>
    public string? Unlimited { get; set; }

    /// <summary>The order for the supervisor.</summary>
    public AttemptStart From(LaunchOrder order) => order.Containers.IsDefaultOrEmpty ? OfOne(order) : OfSeveral(order);

    /// <summary>The report of a fact; null when there is nothing to report yet.</summary>
    public AttemptReport? ToReport(AttemptFact fact) => fact.Phase == AttemptPhase.Accepted ? null : new()
    {
        Attempt = new(fact.Job, fact.Fence),
        ReservationId = fact.Reservation,
        EnvironmentKey = fact.Environment,
        Outcome = fact.End switch
        {
            null => AttemptOutcome.Started,
            AttemptEnd.Exited => AttemptOutcome.Exited,
            AttemptEnd.TimedOut => AttemptOutcome.TimedOut,
            AttemptEnd.FailedToStart => AttemptOutcome.FailedToStart,
            AttemptEnd.Refused => AttemptOutcome.Refused,
            _ => AttemptOutcome.Lost,
        },
        StartedAt = ToTime(fact.StartedAt),
        StoppedAt = ToTime(fact.StoppedAt),
        ExitCode = fact.ExitCode,
        Reason = fact.Reason,
        Usage = fact is { PeakMemory: null, CpuTime: null } ? null : new()
        {
            PeakMemoryBytes = fact.PeakMemory,
            CpuTime = fact.CpuTime is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null,
        },
        Unlimited = fact.Unlimited ?? (fact.StartedAt is null ? null : Unlimited),
        Containers = fact.Containers is { } containers ? Array.ConvertAll(containers, ToOutcome) : null,
    };

    private AttemptStart OfOne(LaunchOrder order) => new()
    {
        Job = order.Attempt.JobId,
        Fence = order.Attempt.Fence,
        Reservation = order.ReservationId,
        Environment = order.EnvironmentKey,
        Command = [.. order.Command],
        Variables = environment.With(order.Environment),
        Log = logs.PathOf(order.Log),
        Timeout = order.Timeout is { } timeout ? (long)timeout.TotalMilliseconds : null,
        StopTimeout = (long)order.StopTimeout.TotalMilliseconds,
        Unstartable = ProblemOf(order.Command, order.Environment),
        Limits = LimitsOf(order.Limits),
    };

    private AttemptStart OfSeveral(LaunchOrder order)
    {
        string[] names = [.. order.Containers.Select(container => container.Name)];
        return new()
        {
            Job = order.Attempt.JobId,
            Fence = order.Attempt.Fence,
            Reservation = order.ReservationId,
            Environment = order.EnvironmentKey,
            Timeout = order.Timeout is { } timeout ? (long)timeout.TotalMilliseconds : null,
            Unstartable = NoContainers,
            Containers = [.. order.Containers.Select(container => From(container, names))],
        };
    }

    private ContainerStart From(ContainerOrder order, string[] names) => new()
    {
        Name = order.Name,
        Command = [.. order.Command],
        Variables = environment.With(order.Environment),
        Log = logs.PathOf(order.Log),
        IsEssential = order.IsEssential,
        DependsOn = order.DependsOn.IsDefaultOrEmpty
            ? []
            : [.. order.DependsOn.Select(wait => new ContainerWait(Array.IndexOf(names, wait.Container), ConditionOf(wait.Condition)))],
        StartTimeout = order.StartTimeout is { } start ? (long)start.TotalMilliseconds : null,
        StopTimeout = (long)order.StopTimeout.TotalMilliseconds,
        Unstartable = ProblemOf(order.Command, order.Environment),
        Limits = LimitsOf(order.Limits),
    };

    private static ContainerOutcome ToOutcome(ContainerFact fact) => new()
    {
        Name = fact.Name,
        IsEssential = fact.IsEssential,
        StartedAt = ToTime(fact.StartedAt),
        StoppedAt = ToTime(fact.StoppedAt),
        ExitCode = fact.ExitCode,
        Reason = fact.Reason,
    };

    private static Processes.Wire.ContainerCondition ConditionOf(Model.Nodes.ContainerCondition condition) => condition switch
    {
        Model.Nodes.ContainerCondition.Start => Processes.Wire.ContainerCondition.Start,
        Model.Nodes.ContainerCondition.Complete => Processes.Wire.ContainerCondition.Complete,
        _ => Processes.Wire.ContainerCondition.Success,
    };

    private Processes.Wire.AttemptLimits? LimitsOf(Model.Nodes.AttemptLimits? limits) => !options.EnforceLimits || limits is null ? null : new()
    {
        Memory = Math.Min(limits.MemoryMiB, MostMebibytes) * Mebibyte,
        Swap = Math.Min(limits.SwapMiB, MostMebibytes) * Mebibyte,
        CpuShares = limits.VcpuMillis * SharesPerVcpu / 1000,
        IsCpuCapped = limits.IsCpuCapped,
        Processes = options.MostProcesses,
    };

    private static DateTimeOffset? ToTime(long? milliseconds) =>
        milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;

    private static string? ProblemOf(ImmutableArray<string> command, ImmutableArray<KeyValuePair<string, string>> variables)
    {
        if (command.IsDefaultOrEmpty || command[0].Length == 0)
        {
            return "no command specified";
        }

        // The system ends every text at its first NUL: what came after would silently be missing.
        if (command.Any(argument => argument.Contains('\0', StringComparison.Ordinal)))
        {
            return "an argument of the command contains a NUL character";
        }

        foreach (var (name, value) in variables)
        {
            if (name.Length == 0 || name.AsSpan().ContainsAny('=', '\0'))
            {
                return $"invalid name of an environment variable: '{name.Replace('\0', '?')}'";
            }

            if (value.Contains('\0', StringComparison.Ordinal))
            {
                return $"environment variable {name} contains a NUL character";
            }
        }

        return null;
    }
}
