using System.Buffers.Binary;
using System.IO.Compression;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Core.Logs.Shipping;

/// <summary>What a chunk carries: some bytes of a log, and when they arrived.</summary>
/// <remarks>
/// Compressed with Brotli, which is good at short texts, too: the number of moments, each as two differences to the one before, then the bytes.
/// </remarks>
public sealed class LogPiece
{
    /// <summary>Bytes of a log in one chunk at most: 64 KiB.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>Moments in one chunk at most.</summary>
    public const int MostMoments = 8_192;

    private const int MomentSize = 16;

    // Of 0 to 11: beyond it takes many times longer and gains little.
    private const int Quality = 4;

    // A window of 256 KiB holds the largest.
    private const int WindowBits = 18;

    private readonly byte[] _bytes;
    private readonly LogMoment[] _moments;

    private LogPiece(long begin, byte[] bytes, LogMoment[] moments) => (Begin, _bytes, _moments) = (begin, bytes, moments);

    /// <summary>Offset of the first byte.</summary>
    public long Begin { get; }

    /// <summary>Offset behind the last byte.</summary>
    public long End => Begin + _bytes.Length;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>When they arrived; the last covers the last byte.</summary>
    public ReadOnlySpan<LogMoment> Moments => _moments;

    /// <summary>The data of a chunk.</summary>
    /// <param name="begin">Offset of the first byte.</param>
    /// <param name="bytes">1 to <see cref="MostBytes"/> bytes.</param>
    /// <param name="moments">1 to <see cref="MostMoments"/>, each further and not earlier than the one before; the last covers the last byte, and nothing beyond.</param>
    public static byte[] Write(long begin, ReadOnlySpan<byte> bytes, IReadOnlyList<LogMoment> moments)
    {
        var plain = new byte[sizeof(int) + (moments.Count * MomentSize) + bytes.Length];
        BinaryPrimitives.WriteInt32LittleEndian(plain, moments.Count);
        var at = sizeof(int);
        var before = new LogMoment(begin, 0);
        foreach (var moment in moments)
        {
            BinaryPrimitives.WriteInt64LittleEndian(plain.AsSpan(at), moment.Size - before.Size);
            BinaryPrimitives.WriteInt64LittleEndian(plain.AsSpan(at + sizeof(long)), moment.Time - before.Time);
            at += MomentSize;
            before = moment;
        }

        bytes.CopyTo(plain.AsSpan(at));
        var packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        return BrotliEncoder.TryCompress(plain, packed, out var length, Quality, WindowBits)
            ? packed.AsSpan(0, length).ToArray()
            : throw new InvalidOperationException("Brotli needs more room than it says.");
    }

    /// <summary>What a chunk's data says.</summary>
    /// <param name="begin">Offset of the first byte.</param>
    /// <param name="end">Offset behind the last byte.</param>
    /// <param name="data">As <see cref="Write"/> made it.</param>
    /// <exception cref="InvalidDataException">It did not, or not for these offsets.</exception>
    public static LogPiece Read(long begin, long end, ReadOnlySpan<byte> data)
    {
        var length = end - begin;
        if (begin < 0 || length is < 1 or > MostBytes)
        {
            throw new InvalidDataException($"A chunk of a log cannot be from {begin} to {end}.");
        }

        var plain = new byte[sizeof(int) + (MostMoments * MomentSize) + length];
        if (!BrotliDecoder.TryDecompress(data, plain, out var written) || written < sizeof(int))
        {
            throw new InvalidDataException("A chunk of a log cannot be unpacked.");
        }

        var count = BinaryPrimitives.ReadInt32LittleEndian(plain);
        if (count is < 1 or > MostMoments || written != sizeof(int) + (count * MomentSize) + length)
        {
            throw new InvalidDataException($"A chunk of a log from {begin} to {end} has {written} bytes and {count} times.");
        }

        var moments = new LogMoment[count];
        var before = new LogMoment(begin, 0);
        for (var index = 0; index < count; index++)
        {
            var at = plain.AsSpan(sizeof(int) + (index * MomentSize));
            var (size, time) = (BinaryPrimitives.ReadInt64LittleEndian(at), BinaryPrimitives.ReadInt64LittleEndian(at[sizeof(long)..]));
            if (size is < 1 or > MostBytes || time < 0)
            {
                throw new InvalidDataException("The times of a chunk of a log go back.");
            }

            moments[index] = before = new(before.Size + size, before.Time + time);
        }

        return before.Size == end && before.Time <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? new(begin, plain.AsSpan(written - (int)length, (int)length).ToArray(), moments)
            : throw new InvalidDataException($"The times of a chunk of a log end at {before.Size}, not at {end}.");
    }

    /// <summary>Whether a chunk says of its data what is so.</summary>
    public static bool IsSound(LogChunk chunk)
    {
        if (chunk.Data.IsEmpty)
        {
            return chunk.Begin == chunk.End && chunk.Begin >= 0 && chunk.Time == 0;
        }

        try
        {
            return Read(chunk.Begin, chunk.End, chunk.Data.Span).Moments[^1].Time == chunk.Time;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
