namespace OrleansBatch.Simulation;

/// <summary>A property that cannot fail says nothing: each mistake that is built in must be noticed.</summary>
public sealed class PlantedBugTests
{
    private const uint Seed = 1;
    private const uint Most = 100_000;

    /// <summary>Sequences that were seen to show what few do. One that does not any more costs time and nothing else: then all are tried.</summary>
    private static readonly Dictionary<PlantedBug, uint> Shown = new()
    {
        [PlantedBug.EpochGoesBack] = 45_000,
        [PlantedBug.LostReleaseKept] = 12_345,
        [PlantedBug.AttemptsToldTogether] = 12_345,
        [PlantedBug.MemoryTrusted] = 2_271,
        [PlantedBug.LateHelloCounts] = 2_134,
        [PlantedBug.LossToldOnce] = 1_516,
        [PlantedBug.ReservationOfAnyEnvironment] = 1_155,
        [PlantedBug.EpochWithoutRows] = 651,
        [PlantedBug.LookTakesLaterEndsAlong] = 639,
        [PlantedBug.GhostsBlock] = 2_089,
    };

    public static TheoryData<PlantedBug> Bugs => [.. Enum.GetValues<PlantedBug>().Where(bug => bug != PlantedBug.None)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_noticed(PlantedBug bug)
    {
        if (Shown.TryGetValue(bug, out var number) && Sequences.Of(Seed, number) is var sequence && World.Run(sequence.Setup, sequence.Commands, bug).Count > 0)
        {
            return;
        }

        Assert.NotEmpty(Sequences.Try(Seed, Most, bug, isOneEnough: true));
    }
}
