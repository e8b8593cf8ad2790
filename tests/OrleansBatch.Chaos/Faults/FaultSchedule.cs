namespace OrleansBatch.Chaos.Faults;

/// <summary>Which faults a run has, and when: a pure function of its seed and of what it is made of.</summary>
internal static class FaultSchedule
{
    /// <summary>A schedule. All kinds that there can be come in turn, in an order of the seed's, so that a short run has many of them.</summary>
    public static IReadOnlyList<Fault> Make(int seed, TimeSpan time, FaultSurroundings around)
    {
        var random = new Random(seed);
        var kinds = Enum.GetValues<FaultKind>().Where(kind => IsPossible(kind, around)).ToArray();
        List<Fault> faults = [];
        // Neither at once, before there is anything to strike, nor at the very end.
        var at = TimeSpan.FromSeconds(3);
        while (true)
        {
            random.Shuffle(kinds);
            foreach (var kind in kinds)
            {
                var fault = new Fault(at, kind, random.Next(1 << 16), Duration(random, kind, around));
                if (fault.After + fault.For > time - TimeSpan.FromSeconds(2))
                {
                    return faults;
                }

                faults.Add(fault);
                at += fault.For + TimeSpan.FromSeconds(1 + (3 * random.NextDouble()));
            }
        }
    }

    private static bool IsPossible(FaultKind kind, FaultSurroundings around) => kind switch
    {
        FaultKind.KillDatabase or FaultKind.RestartDatabase => around.HasDatabase,
        FaultKind.KillAgent or FaultKind.KillAgentBeyondLease or FaultKind.PauseAgentBeyondLease => around.Agents > 0,
        FaultKind.CutSilos => around is { HasNetwork: true, Silos: > 1 },
        FaultKind.CutAgent => around is { HasNetwork: true, Agents: > 0 },
        FaultKind.CutDatabase => around is { HasNetwork: true, HasDatabase: true },
        _ => true,
    };

    private static TimeSpan Duration(Random random, FaultKind kind, FaultSurroundings around) => kind switch
    {
        FaultKind.KillJob or FaultKind.KillSupervisor or FaultKind.RollingRestart => TimeSpan.FromSeconds(1),
        FaultKind.KillAgent => around.Lease * (0.1 + (0.4 * random.NextDouble())),
        // Some come back when their lease has lapsed, some when all others have given them up.
        FaultKind.KillAgentBeyondLease or FaultKind.PauseAgentBeyondLease or FaultKind.CutAgent =>
            (random.Next(3) == 0 ? around.Lease * 1.2 : around.Loss) + TimeSpan.FromSeconds(1 + (3 * random.NextDouble())),
        FaultKind.KillDatabase or FaultKind.RestartDatabase or FaultKind.CutDatabase => TimeSpan.FromSeconds(1 + (3 * random.NextDouble())),
        _ => TimeSpan.FromSeconds(1 + (7 * random.NextDouble())),
    };
}

/// <summary>What there is that faults can strike.</summary>
/// <param name="Silos">How many silos.</param>
/// <param name="Agents">How many agents that are programs of their own.</param>
/// <param name="HasDatabase">Whether the database is a program of its own.</param>
/// <param name="HasNetwork">Whether members can be cut off from each other.</param>
/// <param name="Lease">An agent's lease.</param>
/// <param name="Loss">After how long unheard its node is declared lost.</param>
internal sealed record FaultSurroundings(int Silos, int Agents, bool HasDatabase, bool HasNetwork, TimeSpan Lease, TimeSpan Loss);
