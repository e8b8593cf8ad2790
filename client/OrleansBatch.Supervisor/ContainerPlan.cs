using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Decides what the containers of one attempt do next, and what the attempt comes to.</summary>
/// <remarks>
/// An essential container that fails fails the attempt; when all essential ones have exited with 0 it has succeeded; what
/// becomes of the others does not matter to it. Source: AWS Batch user guide, "Essential containers"; Amazon ECS API, ContainerDependency.
/// </remarks>
internal static class ContainerPlan
{
    private const string CannotStart = "CannotStartContainerError: ";

    /// <summary>What is to be done now: as long as the attempt is not being stopped.</summary>
    public static ContainerStep Next(IReadOnlyList<ContainerState> containers)
    {
        var givenUp = GiveUp(containers);
        if (FindVerdict(containers, givenUp) is { } verdict)
        {
            return new([], givenUp, verdict);
        }

        int[] starts = [.. Indexes(containers).Where(i => Waits(containers, givenUp, i) && containers[i].DependsOn.All(wait => IsMet(containers, wait)))];
        if (starts.Length == 0 && !containers.Any(container => container.Phase is ContainerPhase.Starting or ContainerPhase.Running))
        {
            // Nothing can happen any more that one of them waits for.
            var stuck = Indexes(containers).First(i => Waits(containers, givenUp, i));
            return new([], givenUp, new(IsSuccess: false, stuck, $"{CannotStart}containers wait for each other"));
        }

        return new(starts, givenUp, Verdict: null);
    }

    /// <summary>How an attempt ends whose containers have all ended.</summary>
    /// <param name="containers">Its containers.</param>
    /// <param name="stopping">Why it was stopped; none when the verdict did.</param>
    /// <param name="verdict">What it came to by itself; null when it was stopped before.</param>
    /// <param name="hasRun">Whether an essential container was ever up.</param>
    public static (AttemptEnd End, int? ExitCode, string? Reason) Outcome(
        IReadOnlyList<ContainerState> containers, StopCause stopping, ContainerVerdict? verdict, bool hasRun)
    {
        var decisive = verdict is { IsSuccess: false } failed ? containers[failed.Decisive] : Speaker(containers);
        var reason = verdict is { IsSuccess: false } ? verdict.Reason : null;
        return (verdict, stopping) switch
        {
            (null, StopCause.Lapsed) => (AttemptEnd.Lost, null, null),
            (not null, _) when hasRun => (AttemptEnd.Exited, decisive.ExitCode, reason),
            (not null, _) => (AttemptEnd.FailedToStart, null, reason),
            // Nothing essential ever was, and never will be.
            (null, _) when !hasRun => (AttemptEnd.Refused, null, null),
            (null, StopCause.TimedOut) => (AttemptEnd.TimedOut, decisive.ExitCode, null),
            _ => (AttemptEnd.Exited, decisive.ExitCode, null),
        };
    }

    /// <summary>Those that can never start, with the reason; also those that wait for one of these.</summary>
    private static Dictionary<int, string> GiveUp(IReadOnlyList<ContainerState> containers)
    {
        Dictionary<int, string> givenUp = [];
        var found = true;
        while (found)
        {
            found = false;
            foreach (var i in Indexes(containers).Where(i => Waits(containers, givenUp, i)))
            {
                if (containers[i].DependsOn.Select(wait => WhyNever(containers, givenUp, wait)).FirstOrDefault(why => why is not null) is { } reason)
                {
                    givenUp.Add(i, CannotStart + reason);
                    found = true;
                    break;
                }
            }
        }

        return givenUp;
    }

    private static string? WhyNever(IReadOnlyList<ContainerState> containers, Dictionary<int, string> givenUp, ContainerWait wait)
    {
        var target = containers[wait.Container];
        return (target.Phase, wait.Condition) switch
        {
            (ContainerPhase.NeverStarted, _) => $"dependency {target.Name} was not started",
            _ when givenUp.ContainsKey(wait.Container) => $"dependency {target.Name} was not started",
            (ContainerPhase.Ended, ContainerCondition.Success) when target.ExitCode != 0 => $"dependency {target.Name} did not succeed",
            _ when IsLate(containers, wait) => $"dependency {target.Name} did not end within its start timeout",
            _ => null,
        };
    }

    private static ContainerVerdict? FindVerdict(IReadOnlyList<ContainerState> containers, Dictionary<int, string> givenUp)
    {
        foreach (var i in Indexes(containers))
        {
            var container = containers[i];
            var hasFailed = container.Phase == ContainerPhase.NeverStarted || (container.Phase == ContainerPhase.Ended && container.ExitCode != 0);
            if (container.IsEssential && hasFailed)
            {
                return new(IsSuccess: false, i, container.Reason);
            }

            // Amazon ECS stops a task whose start takes too long, whoever waits.
            if (givenUp.TryGetValue(i, out var reason) && (container.IsEssential || container.DependsOn.Any(wait => IsLate(containers, wait))))
            {
                return new(IsSuccess: false, i, reason);
            }
        }

        return containers.All(container => !container.IsEssential || container is { Phase: ContainerPhase.Ended, ExitCode: 0 })
            ? new(IsSuccess: true, Decisive: 0, Reason: null)
            : null;
    }

    private static bool IsMet(IReadOnlyList<ContainerState> containers, ContainerWait wait)
    {
        var target = containers[wait.Container];
        return wait.Condition switch
        {
            ContainerCondition.Start => target.Phase is ContainerPhase.Running or ContainerPhase.Ended,
            ContainerCondition.Complete => target.Phase == ContainerPhase.Ended,
            _ => target is { Phase: ContainerPhase.Ended, ExitCode: 0 },
        };
    }

    private static bool IsLate(IReadOnlyList<ContainerState> containers, ContainerWait wait) =>
        wait.Condition != ContainerCondition.Start && containers[wait.Container] is { Phase: ContainerPhase.Running, IsLate: true };

    private static bool Waits(IReadOnlyList<ContainerState> containers, Dictionary<int, string> givenUp, int i) =>
        containers[i].Phase == ContainerPhase.Waiting && !givenUp.ContainsKey(i);

    /// <summary>Whose exit code stands for the attempt's when none decided: the first essential one that failed, or that ended.</summary>
    private static ContainerState Speaker(IReadOnlyList<ContainerState> containers)
    {
        var essential = containers.Where(container => container is { IsEssential: true, ExitCode: not null }).ToList();
        return essential.Find(container => container.ExitCode != 0) ?? essential.FirstOrDefault() ?? containers[0];
    }

    private static IEnumerable<int> Indexes(IReadOnlyList<ContainerState> containers) => Enumerable.Range(0, containers.Count);
}

/// <summary>One container, as far as it matters to the others.</summary>
internal sealed record ContainerState
{
    public required string Name { get; init; }

    public bool IsEssential { get; init; }

    public IReadOnlyList<ContainerWait> DependsOn { get; init; } = [];

    public ContainerPhase Phase { get; init; }

    /// <summary>Null when it has ended without one.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it did not start, or what is to be said of its end.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether it runs longer than those may wait that wait for its end.</summary>
    public bool IsLate { get; init; }
}

/// <summary>How far a container is.</summary>
internal enum ContainerPhase
{
    /// <summary>Not given to a starting thread yet.</summary>
    Waiting,

    /// <summary>On its way.</summary>
    Starting,

    /// <summary>Its process is up, or something that it started is.</summary>
    Running,

    /// <summary>Over.</summary>
    Ended,

    /// <summary>It could not be started, or was given up.</summary>
    NeverStarted,
}

/// <summary>What is to be done now.</summary>
/// <param name="Starts">Those that start now.</param>
/// <param name="GivenUp">Those that never will, with the reason.</param>
/// <param name="Verdict">What the attempt has come to: all that still runs is stopped. Null: it goes on.</param>
internal sealed record ContainerStep(IReadOnlyList<int> Starts, IReadOnlyDictionary<int, string> GivenUp, ContainerVerdict? Verdict);

/// <summary>What an attempt has come to.</summary>
/// <param name="IsSuccess">Whether all essential containers exited with 0.</param>
/// <param name="Decisive">Otherwise the container that it failed with.</param>
/// <param name="Reason">What is to be said of that one's end.</param>
internal sealed record ContainerVerdict(bool IsSuccess, int Decisive, string? Reason);
