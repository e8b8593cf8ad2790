using System.Buffers.Binary;

namespace OrleansBatch.Processes.Logs;

/// <summary>The index beside a log: how far the log had come when. From it follows when each line arrived.</summary>
/// <remarks>
/// Entries of 16 bytes, little endian: the log's size, then milliseconds since 1970 times two, plus one if the writer
/// is gone and the log complete. A log that stayed empty has no index.
/// </remarks>
public readonly record struct LogTimes(long Size, long Time, bool Closed)
{
    /// <summary>Bytes of an entry.</summary>
    public const int EntrySize = 16;

    /// <summary>Where the index of a log is.</summary>
    public static string PathOf(string log) => Path.ChangeExtension(log, ".times");

    /// <summary>Adds this entry to the index of a log.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void AppendTo(string log)
    {
        Span<byte> bytes = stackalloc byte[EntrySize];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Size);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], (Time << 1) | (Closed ? 1L : 0L));
        using var file = FileDescriptor.OpenAppend(PathOf(log));
        file.Write(bytes);
    }

    /// <summary>Reads one entry.</summary>
    public static LogTimes Read(ReadOnlySpan<byte> bytes)
    {
        var time = BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]);
        return new(BinaryPrimitives.ReadInt64LittleEndian(bytes), time >> 1, (time & 1) == 1);
    }
}
