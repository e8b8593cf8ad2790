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

    /// <summary>Why no attempt of the present supervisor is limited, if it does not say so itself: it is of a version that knew no limits.</summary>
    public string? Unlimited { get; set; }

    /// <summary>The order for the supervisor.</summary>
    public AttemptStart From(LaunchOrder order) => new()
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
        Unstartable = ProblemOf(order),
        Limits = options.EnforceLimits && order.Limits is { } limits ? LimitsOf(limits) : null,
    };

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
    };

    private Processes.Wire.AttemptLimits LimitsOf(Model.Nodes.AttemptLimits limits) => new()
    {
        Memory = Math.Min(limits.MemoryMiB, MostMebibytes) * Mebibyte,
        Swap = Math.Min(limits.SwapMiB, MostMebibytes) * Mebibyte,
        CpuShares = limits.VcpuMillis * SharesPerVcpu / 1000,
        IsCpuCapped = limits.IsCpuCapped,
        Processes = options.MostProcesses,
    };

    private static DateTimeOffset? ToTime(long? milliseconds) =>
        milliseconds is { } value ? DateTimeOffset.FromUnixTimeMilliseconds(value) : null;

    private static string? ProblemOf(LaunchOrder order)
    {
        if (order.Command.IsDefaultOrEmpty || order.Command[0].Length == 0)
        {
            return "no command specified";
        }

        // The system ends every text at its first NUL: what came after would silently be missing.
        if (order.Command.Any(argument => argument.Contains('\0', StringComparison.Ordinal)))
        {
            return "an argument of the command contains a NUL character";
        }

        foreach (var (name, value) in order.Environment)
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
