namespace OrleansBatch.Processes.Wire;

/// <summary>One attempt of one job, between agent and supervisor.</summary>
public readonly record struct AttemptKey(string Job, long Fence)
{
    /// <summary>The environment variable that marks all processes of an attempt; its value is <see cref="Mark"/>.</summary>
    public const string MarkVariable = "ORLEANSBATCH_ATTEMPT";

    /// <summary>The environment variable that tells the processes of an attempt's several containers apart; its value is the container's name.</summary>
    public const string ContainerVariable = "ORLEANSBATCH_CONTAINER";

    /// <summary>The mark: journal, job and fence.</summary>
    public string Mark(string journalId) => $"{journalId}/{Job}/{Fence}";

    /// <inheritdoc/>
    public override string ToString() => $"{Job}/{Fence}";
}
