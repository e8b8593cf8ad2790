using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OrleansBatch.Processes.Wire;

/// <summary>Collects frames as bytes, to be sent together: four bytes of length, then JSON.</summary>
public sealed class FrameWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    /// <summary>What has been collected.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <summary>Adds one.</summary>
    public void Add(Frame frame)
    {
        var start = _bytes.WrittenCount;
        _bytes.GetSpan(FrameReader.PrefixSize);
        _bytes.Advance(FrameReader.PrefixSize);
        using (var json = new Utf8JsonWriter(_bytes, new JsonWriterOptions { SkipValidation = true }))
        {
            JsonSerializer.Serialize(json, frame, FrameJson.Default.Frame);
        }

        // The buffer may have moved while it grew, so the place of the length is taken anew.
        var length = _bytes.WrittenCount - start - FrameReader.PrefixSize;
        var prefix = MemoryMarshal.AsMemory(_bytes.WrittenMemory).Span.Slice(start, FrameReader.PrefixSize);
        BinaryPrimitives.WriteInt32LittleEndian(prefix, length);
    }

    /// <summary>Forgets what has been sent.</summary>
    public void Clear() => _bytes.ResetWrittenCount();
}
