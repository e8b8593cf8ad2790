namespace OrleansBatch.Storage.Steps;

/// <summary>What a step brings about beyond its own rows.</summary>
internal sealed class StepEffects
{
    /// <summary>Sequences of jobs that owe a look at what they wait for.</summary>
    public List<long> Owed { get; } = [];

    /// <summary>Sequences of arrays whose last child has ended.</summary>
    public List<long> FullArrays { get; } = [];
}
