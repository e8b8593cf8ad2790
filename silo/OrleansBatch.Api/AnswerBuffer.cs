using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.ObjectPool;

namespace OrleansBatch.Api;

/// <summary>An answer while it is written.</summary>
/// <remarks>Its length must be known before its first byte leaves, and a failure must still be able to replace it.</remarks>
internal sealed class AnswerBuffer : IResettable, IDisposable
{
    private const int MaxKeptBytes = 256 * 1024;

    private static readonly ObjectPool<AnswerBuffer> Pool = ObjectPool.Create<AnswerBuffer>();

    private readonly ArrayBufferWriter<byte> _bytes = new(4096);
    private readonly Utf8JsonWriter _json;

    /// <summary>For the pool.</summary>
    public AnswerBuffer() => _json = new(_bytes, new JsonWriterOptions
    {
        // An answer is never part of a web page: only JSON's own characters need escaping.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    });

    /// <summary>An empty one; return it by <see cref="Return"/>.</summary>
    public static AnswerBuffer Rent() => Pool.Get();

    /// <summary>Gives it back.</summary>
    public void Return() => Pool.Return(this);

    /// <summary>Writes the answer, instead of what was written before.</summary>
    public void Write<T>(T answer, JsonTypeInfo<T> info)
    {
        Clear();
        JsonSerializer.Serialize(_json, answer, info);
        _json.Flush();
    }

    /// <summary>Writes a text as the answer, instead of what was written before.</summary>
    public void Write(string answer)
    {
        Clear();
        _ = Encoding.UTF8.GetBytes(answer, _bytes);
    }

    /// <summary>Sends the answer. The server flushes it when the request is over.</summary>
    public void Send(HttpResponse response)
    {
        response.ContentLength = _bytes.WrittenCount;
        response.BodyWriter.Write(_bytes.WrittenSpan);
    }

    /// <inheritdoc/>
    public bool TryReset()
    {
        Clear();
        return _bytes.Capacity <= MaxKeptBytes;
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Clear()
    {
        _bytes.ResetWrittenCount();
        _json.Reset();
    }
}
