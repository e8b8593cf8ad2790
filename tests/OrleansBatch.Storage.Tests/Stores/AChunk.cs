using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>Parts of logs whose bytes say where they are.</summary>
internal static class AChunk
{
    public static LogLocation LogOf(string stream) => new() { Scope = AJob.Scope, Group = "/aws/batch/job", Stream = stream };

    /// <summary>A part that arrived at once, at the time that its end says.</summary>
    public static LogChunk Of(string stream, long begin, long end) => new()
    {
        Log = LogOf(stream),
        Begin = begin,
        End = end,
        Time = end,
        Data = LogPiece.Write(begin, Bytes(begin, end), [new(end, end)]),
    };

    /// <summary>A question.</summary>
    public static LogChunk Empty(string stream, long at = 0) => new() { Log = LogOf(stream), Begin = at, End = at };

    public static byte[] Bytes(long begin, long end) => [.. Enumerable.Range((int)begin, (int)(end - begin)).Select(at => (byte)('a' + (at % 26)))];
}
