namespace OrleansBatch.Chaos;

/// <summary>What a run is to be.</summary>
public sealed record ChaosOptions
{
    /// <summary>What load and faults are made from. The same seed: the same load and the same faults at the same times.</summary>
    public required int Seed { get; init; }

    /// <summary>How long the load and the faults go on. Then all is healed, and the run waits until the last job has ended.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>How many processes of jobs are to start at least.</summary>
    public required int Jobs { get; init; }

    /// <summary>Silos. 1 without agents: the scheduler of one machine, with SQLite.</summary>
    public int Silos { get; init; } = 1;

    /// <summary>Agents that are programs of their own. 0: the silo's own agent.</summary>
    public int Agents { get; init; }

    /// <summary>An agent's lease.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an agent's supervisor has to stop jobs once the lease has lapsed: half of the lease, at most the default of 30 s.</summary>
    public TimeSpan Grace => Lease / 2 < TimeSpan.FromSeconds(30) ? Lease / 2 : TimeSpan.FromSeconds(30);

    /// <summary>What is added for clocks that do not run alike, and for a machine that has other things to do: the default of 10 s, less with a short lease.</summary>
    public TimeSpan Margin => (Lease / 6) + TimeSpan.FromSeconds(2) is { TotalSeconds: < 10 } less ? less : TimeSpan.FromSeconds(10);

    /// <summary>vCPUs that all jobs together may have.</summary>
    public int MaxVcpus { get; init; } = 16;

    /// <summary>Whether all is to be on loopback, also where namespaces can be had.</summary>
    public bool OnLoopback { get; init; }

    /// <summary>A bug that is to be in the programs, which must have been built with <c>-c Planted</c>; null: none.</summary>
    public string? Bug { get; init; }

    /// <summary>Where the history is to be; null: only in the run's folder, which is kept when something was found.</summary>
    public string? History { get; init; }

    /// <summary>Whether the run's folder stays in any case.</summary>
    public bool Keep { get; init; }

    /// <summary>The command that repeats it.</summary>
    public string Command => FormattableString.Invariant(
        $"dotnet run -c {(Bug is null ? "Release" : "Planted")} --project tests/OrleansBatch.Chaos -- --seed {Seed} --minutes {Time.TotalMinutes} --silos {Silos} --agents {Agents} --lease {Lease.TotalSeconds} --jobs {Jobs} --vcpus {MaxVcpus}{(Bug is null ? "" : $" --bug {Bug}")}");
}
