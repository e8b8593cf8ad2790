using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace OrleansBatch.Api;

/// <summary>Reads a body of limited length without copying what came in one piece.</summary>
internal static class RequestBody
{
    /// <summary>Waits for the whole body and hands it to a function once; the bytes are gone afterwards.</summary>
    /// <exception cref="RefusedException">The body is longer than allowed, framed wrongly, or it broke off.</exception>
    public static async ValueTask<T> ReadAsync<T>(HttpRequest request, int maxBytes, BodyReader<T> use)
    {
        if (request.ContentLength > maxBytes)
        {
            throw TooLong(maxBytes);
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await ReadAsync(request, reader);
            if (read.Buffer.Length > maxBytes)
            {
                reader.AdvanceTo(read.Buffer.End);
                throw TooLong(maxBytes);
            }

            if (!read.IsCompleted)
            {
                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                continue;
            }

            try
            {
                return read.Buffer.IsSingleSegment ? use(read.Buffer.FirstSpan) : UseCopy(read.Buffer, use);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }
    }

    private static async ValueTask<ReadResult> ReadAsync(HttpRequest request, PipeReader reader)
    {
        try
        {
            return await reader.ReadAsync();
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            // The caller's side of the connection failed, perhaps before the server has told so: no failure of ours either way.
            // What is left of the connection is in no state to bring another request.
            request.HttpContext.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            var status = failure is BadHttpRequestException mistake ? mistake.StatusCode : StatusCodes.Status400BadRequest;
            throw new RefusedException(status, "The request body could not be read.");
        }
    }

    private static T UseCopy<T>(ReadOnlySequence<byte> body, BodyReader<T> use)
    {
        var length = checked((int)body.Length);
        var copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(copy);
            return use(copy.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static RefusedException TooLong(int maxBytes) => new(
        StatusCodes.Status413PayloadTooLarge, $"The request body is longer than the {maxBytes} bytes that this operation allows.");
}

/// <summary>Makes something of the bytes of a body.</summary>
internal delegate T BodyReader<out T>(ReadOnlySpan<byte> body);
