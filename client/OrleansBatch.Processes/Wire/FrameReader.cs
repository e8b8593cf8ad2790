using System.Buffers.Binary;
using System.Text.Json;

namespace OrleansBatch.Processes.Wire;

/// <summary>Cuts received bytes into frames.</summary>
public sealed class FrameReader
{
    /// <summary>Bytes of a frame's length.</summary>
    public const int PrefixSize = 4;

    /// <summary>A longer frame is taken for nonsense.</summary>
    public const int LongestFrame = 256 * 1024 * 1024;

    private byte[] _buffer = new byte[64 * 1024];
    private int _begin;
    private int _end;

    /// <summary>Where the next bytes go; never empty.</summary>
    public Memory<byte> Free
    {
        get
        {
            if (_begin > 0)
            {
                _buffer.AsSpan(_begin, _end - _begin).CopyTo(_buffer);
                _end -= _begin;
                _begin = 0;
            }

            if (_end == _buffer.Length)
            {
                Array.Resize(ref _buffer, _buffer.Length * 2);
            }

            return _buffer.AsMemory(_end);
        }
    }

    /// <summary>Says how many bytes have come into <see cref="Free"/>.</summary>
    public void Received(int count) => _end += count;

    /// <summary>The next whole frame.</summary>
    /// <returns>Null when more bytes are needed.</returns>
    /// <exception cref="InvalidDataException">The bytes are no frames.</exception>
    public Frame? Next()
    {
        var available = _buffer.AsSpan(_begin, _end - _begin);
        if (available.Length < PrefixSize)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(available);
        if (length is < 2 or > LongestFrame)
        {
            throw new InvalidDataException($"A frame of {length} bytes cannot be.");
        }

        if (available.Length - PrefixSize < length)
        {
            return null;
        }

        _begin += PrefixSize + length;
        try
        {
            return JsonSerializer.Deserialize(available.Slice(PrefixSize, length), FrameJson.Default.Frame)
                ?? throw new InvalidDataException("A frame is null.");
        }
        catch (JsonException problem)
        {
            throw new InvalidDataException("A frame is not what it should be.", problem);
        }
    }
}
