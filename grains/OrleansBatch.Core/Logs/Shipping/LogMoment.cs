namespace OrleansBatch.Core.Logs.Shipping;

/// <summary>How far a log had come when: what ends up to here, and behind the moment before, arrived then.</summary>
/// <param name="Size">Byte offset.</param>
/// <param name="Time">Milliseconds since 1970.</param>
public readonly record struct LogMoment(long Size, long Time);
