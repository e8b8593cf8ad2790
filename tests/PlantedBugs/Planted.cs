namespace OrleansBatch.PlantedBugs;

/// <summary>Bugs that the chaos run must find. Compiled in by <c>-c Planted</c> alone: no release has this file, nor a line that asks it.</summary>
internal static class Planted
{
    private static readonly string? Bug = Environment.GetEnvironmentVariable("ORLEANSBATCH_PLANTED_BUG");

    /// <summary>Whether this is the one that is to be there.</summary>
    public static bool Is(string bug) => bug == Bug;
}
