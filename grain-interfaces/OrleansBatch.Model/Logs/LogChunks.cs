using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Model.Logs;

/// <summary>A part of a log on its way from the node that wrote it to the store.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogChunk")]
public sealed record LogChunk
{
    /// <summary>Whose part.</summary>
    [Id(0)] public required LogLocation Log { get; init; }

    /// <summary>Offset of its first byte in the file.</summary>
    [Id(1)] public required long Begin { get; init; }

    /// <summary>Offset behind its last byte.</summary>
    [Id(2)] public required long End { get; init; }

    /// <summary>What lies before it and was not shipped never will be: what the store has is given up for it.</summary>
    [Id(3)] public bool IsAnew { get; init; }

    /// <summary>Nothing comes after it.</summary>
    [Id(4)] public bool IsClosed { get; init; }

    /// <summary>When its last byte had arrived, in milliseconds since 1970. 0 when it has none.</summary>
    [Id(5)] public long Time { get; init; }

    /// <summary>Its bytes and their times, compressed. Empty when it has none: then it asks how far the store has come, or says that nothing comes any more.</summary>
    [Id(6)] public ReadOnlyMemory<byte> Data { get; init; }
}

/// <summary>What became of a chunk.</summary>
/// <param name="End">Up to which offset the store has the log. 0: nothing of it.</param>
/// <param name="IsRefused">It is none that the node may ship, and never will be.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogKept")]
public readonly record struct LogKept([property: Id(0)] long End, [property: Id(1)] bool IsRefused = false);

/// <summary>What became of the chunks of a message.</summary>
/// <param name="Chunks">Of each, in their order.</param>
/// <param name="MostBytes">Bytes that are kept of each log: what lies further before its end needs no shipping.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogsKept")]
public sealed record LogsKept([property: Id(0)] ImmutableArray<LogKept> Chunks, [property: Id(1)] long MostBytes);
