namespace OrleansBatch.Grains.Logs;

/// <summary>How much of the logs of other machines' attempts is kept in the store, for when the machine is gone.</summary>
public sealed record ShippedLogOptions
{
    /// <summary>Bytes of each log, before compression: the newest. Default: 16 MiB.</summary>
    public long MostBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>For how long after something of it came last, to the day. Default: 30 days.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(30);
}
