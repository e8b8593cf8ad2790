namespace OrleansBatch.Core.Tests.Scheduling.FairShare;

/// <summary>What a run begins with.</summary>
/// <param name="Weights">Of each share.</param>
/// <param name="Vcpus">How many there are.</param>
/// <param name="Window">Seconds within which use counts.</param>
/// <param name="Longest">Seconds that the longest job takes.</param>
/// <param name="Starts">Jobs to start. A run with an idle share ends a window after that has come back.</param>
/// <param name="Idle">When the first share has no work; null: it always has.</param>
/// <param name="RestartAt">The start before which the line is made anew from what has run and what runs; beyond the last: none.</param>
/// <param name="Seed">Of the jobs' sizes and lengths.</param>
internal sealed record FairShareSetup(double[] Weights, int Vcpus, int Window, int Longest, int Starts, (int From, int To)? Idle, int RestartAt, uint Seed)
{
    public override string ToString() =>
        $"new([{string.Join(", ", Weights)}], {Vcpus}, {Window}, {Longest}, {Starts}, {Idle?.ToString() ?? "null"}, {RestartAt}, {Seed})";
}

/// <summary>Mistakes that can be built into a run, to see that what is promised of it can fail.</summary>
public enum FairShareMistake
{
    /// <summary>Everything as it should be.</summary>
    None = 0,

    /// <summary>All shares have the same weight.</summary>
    WeightsIgnored,

    /// <summary>A greater weight gives more.</summary>
    WeightsTheWrongWayRound,

    /// <summary>What runs is not charged.</summary>
    NeverCharged,

    /// <summary>All that was ever used counts in full.</summary>
    NotDecayed,

    /// <summary>Each job is charged as if it had one vCPU.</summary>
    SizesIgnored,

    /// <summary>A share that comes back is owed what the others had meanwhile.</summary>
    IdleTimePaidBack,
}
