using OrleansBatch.Simulation.Properties;

namespace OrleansBatch.Simulation;

/// <summary>A property that cannot fail says nothing: each mistake that is built in must be noticed.</summary>
public sealed class PlantedBugTests
{
    private const uint Most = 100_000;

    public static TheoryData<PlantedBug> Bugs => [.. Enum.GetValues<PlantedBug>().Where(bug => bug != PlantedBug.None)];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_noticed(PlantedBug bug) => Assert.NotEmpty(Sequences.Try(seed: 1, Most, bug, isOneEnough: true));
}
