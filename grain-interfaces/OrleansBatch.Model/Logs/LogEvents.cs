using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Model.Logs;

/// <summary>Asks for a page of one stream.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogQuery")]
public sealed record LogQuery
{
    /// <summary>The stream.</summary>
    [Id(0)] public required LogLocation Log { get; init; }

    /// <summary>Byte offset of a line's start: from here on (forwards) or what ends here (backwards). Null: from the end that the direction starts at.</summary>
    [Id(1)] public long? Offset { get; init; }

    /// <summary>True: the lines after the offset, oldest first; false: the newest lines before it.</summary>
    [Id(2)] public required bool Forwards { get; init; }

    /// <summary>Only lines that arrived at this time or later.</summary>
    [Id(3)] public DateTimeOffset? From { get; init; }

    /// <summary>Only lines that arrived before this time.</summary>
    [Id(4)] public DateTimeOffset? Until { get; init; }

    /// <summary>At most so many lines, 1 to 10,000.</summary>
    [Id(5)] public required int Limit { get; init; }

    /// <summary>At most so many bytes of text; a single longer line is cut into several events.</summary>
    [Id(6)] public required int MaxBytes { get; init; }
}

/// <summary>One line of a log.</summary>
/// <param name="Timestamp">When it arrived, to 0.1 s.</param>
/// <param name="Message">The line without its end; never empty.</param>
/// <param name="Offset">Byte offset of its start.</param>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogLine")]
public readonly record struct LogLine([property: Id(0)] DateTimeOffset Timestamp, [property: Id(1)] string Message, [property: Id(2)] long Offset);

/// <summary>A page of a stream, oldest line first.</summary>
[GenerateSerializer, Immutable, Alias("OrleansBatch.LogPage")]
public sealed record LogPage
{
    /// <summary>Whether the stream exists.</summary>
    [Id(0)] public required bool Exists { get; init; }

    /// <summary>Its lines, oldest first.</summary>
    [Id(1)] public ImmutableArray<LogLine> Lines { get; init; } = [];

    /// <summary>Where a page backwards goes on.</summary>
    [Id(2)] public long Begin { get; init; }

    /// <summary>Where a page forwards goes on.</summary>
    [Id(3)] public long End { get; init; }

    /// <summary>Whether lines follow in the direction of the query that had no room on the page.</summary>
    [Id(4)] public bool HasMore { get; init; }
}
