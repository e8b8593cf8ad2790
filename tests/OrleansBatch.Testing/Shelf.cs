using System.Collections.Immutable;
using System.Text;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Testing;

/// <summary>Keeps what is shipped as a store does, and may fail before it has kept a message, or after.</summary>
public sealed class Shelf
{
    private readonly Lock _gate = new();
    private readonly Dictionary<LogLocation, (ShippedLogState? State, SortedDictionary<long, LogChunk> Chunks)> _logs = [];
    private int _messages;

    /// <summary>Bytes that are kept of each log.</summary>
    public long MostBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Of a message by its number, from 1: whether it is lost.</summary>
    public Func<int, bool> IsLost { get; set; } = _ => false;

    /// <summary>Of a message by its number, from 1: whether it is kept and its answer lost.</summary>
    public Func<int, bool> IsAnswerLost { get; set; } = _ => false;

    /// <summary>Messages that came, whatever became of them.</summary>
    public int Messages => Volatile.Read(ref _messages);

    /// <summary>Bytes that came, whatever became of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Takes a message.</summary>
    /// <exception cref="IOException">It, or its answer, was to be lost.</exception>
    public LogsKept Keep(IReadOnlyList<LogChunk> chunks)
    {
        lock (_gate)
        {
            var message = ++_messages;
            Bytes += chunks.Sum(chunk => chunk.End - chunk.Begin);
            if (IsLost(message))
            {
                throw new IOException("lost");
            }

            ImmutableArray<LogKept> kept = [.. chunks.Select(Keep)];
            return IsAnswerLost(message) ? throw new IOException("answer lost") : new(kept, MostBytes);
        }
    }

    /// <summary>How far a log has come; null: nothing of it.</summary>
    public ShippedLogState? StateOf(LogLocation log)
    {
        lock (_gate)
        {
            return _logs.GetValueOrDefault(log).State;
        }
    }

    /// <summary>A log's chunks in their order: begins and ends.</summary>
    public (long Begin, long End)[] ChunksOf(LogLocation log)
    {
        lock (_gate)
        {
            return [.. _logs[log].Chunks.Values.Select(chunk => (chunk.Begin, chunk.End))];
        }
    }

    /// <summary>What there is of a log.</summary>
    public string TextOf(LogLocation log)
    {
        lock (_gate)
        {
            return _logs.TryGetValue(log, out var one)
                ? string.Concat(one.Chunks.Values.Select(chunk => Encoding.UTF8.GetString(LogPiece.Read(chunk.Begin, chunk.End, chunk.Data.Span).Bytes)))
                : "";
        }
    }

    private LogKept Keep(LogChunk chunk)
    {
        if (!LogPiece.IsSound(chunk))
        {
            return new(0, IsRefused: true);
        }

        var (state, chunks) = _logs.GetValueOrDefault(chunk.Log, (null, []));
        var book = new ShippedLogBook(state, chunks.Keys.Where(begin => begin == chunk.Begin), MostBytes);
        var kept = book.Take(chunk);
        foreach (var begin in chunks.Keys.Where(begin => begin >= book.RemovedFrom || begin < book.RemovedBefore).ToList())
        {
            chunks.Remove(begin);
        }

        foreach (var written in book.Written)
        {
            chunks.Add(written.Begin, written);
        }

        if (book.IsChanged)
        {
            _logs[chunk.Log] = (book.State, chunks);
        }

        return kept;
    }
}
