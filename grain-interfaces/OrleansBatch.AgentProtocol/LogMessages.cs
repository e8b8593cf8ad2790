using System.Collections.Immutable;
using Google.Protobuf;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.AgentProtocol;

/// <summary>Parts of logs as messages: they are many bytes, which are no JSON.</summary>
public static class LogMessages
{
    /// <summary>As the protocol names it.</summary>
    public static ShippedChunk ToWire(this LogChunk chunk) => new()
    {
        Log = PayloadJson.Write(chunk.Log, PayloadTypes.Default.LogLocation),
        Begin = chunk.Begin,
        End = chunk.End,
        Anew = chunk.IsAnew,
        Closed = chunk.IsClosed,
        Time = chunk.Time,
        Data = UnsafeByteOperations.UnsafeWrap(chunk.Data),
    };

    /// <summary>As the model names it.</summary>
    /// <exception cref="InvalidDataException">Its log is none.</exception>
    public static LogChunk ToModel(this ShippedChunk chunk) => new()
    {
        Log = PayloadJson.Read(chunk.Log, PayloadTypes.Default.LogLocation),
        Begin = chunk.Begin,
        End = chunk.End,
        IsAnew = chunk.Anew,
        IsClosed = chunk.Closed,
        Time = chunk.Time,
        Data = chunk.Data.Memory,
    };

    /// <summary>Writes the model's answer into the protocol's.</summary>
    public static void Add(this ChunksKept message, LogsKept kept)
    {
        message.MostBytes = kept.MostBytes;
        message.Chunks.AddRange(kept.Chunks.Select(chunk => new ChunkKept { End = chunk.End, Refused = chunk.IsRefused }));
    }

    /// <summary>As the model names it.</summary>
    public static LogsKept ToModel(this ChunksKept message) =>
        new([.. message.Chunks.Select(chunk => new LogKept(chunk.End, chunk.Refused))], message.MostBytes);
}
