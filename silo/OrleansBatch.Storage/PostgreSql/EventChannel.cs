namespace OrleansBatch.Storage.PostgreSql;

/// <summary>How silos hear of each other's events.</summary>
internal static class EventChannel
{
    /// <summary>The channel's name.</summary>
    public const string Name = "orleansbatch_events";

    /// <summary>Tells of the newest event when the transaction commits.</summary>
    public const string Notify = $"SELECT pg_notify('{Name}', $1::text)";
}
