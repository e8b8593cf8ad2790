namespace OrleansBatch.Core.Logs.Reading;

/// <summary>A log as it can be read: its bytes, and how far it had come when. Offsets are those of the file that its attempt wrote, wherever its bytes lie.</summary>
public interface ILogSource
{
    /// <summary>Offset of the first byte that is there: 0, unless the begin of the log is gone.</summary>
    long Begin { get; }

    /// <summary>Offset behind the last byte that counts.</summary>
    long End { get; }

    /// <summary>Whether nothing more will come: then a last line without an end counts, too.</summary>
    bool IsClosed { get; }

    /// <summary>Some bytes that begin at <paramref name="from"/> and do not go beyond <paramref name="to"/>; none where nothing is.</summary>
    ReadOnlySpan<byte> BytesFrom(long from, long to);

    /// <summary>Some bytes that end at <paramref name="to"/> and do not begin before <paramref name="from"/>; none where nothing is.</summary>
    ReadOnlySpan<byte> BytesUpTo(long from, long to);

    /// <summary>When what ends at this offset had arrived. Cheap if asked in ascending order.</summary>
    DateTimeOffset TimeOf(long end);

    /// <summary>How far the log had come before this time: what ends up to there arrived earlier, what ends beyond at it or later.</summary>
    long SizeBefore(DateTimeOffset time);
}
