using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Shipping;

/// <summary>Which logs are still to be shipped, in a file beside the supervisor's journal: written before an attempt can start, so that no restart of the agent forgets one. Safe for use by many threads.</summary>
/// <remarks>One line for each attempt that was launched, and one for each that is done with, each a JSON array: a start must not wait for more. No fsync: it guards against a killed program, and what a lost machine had is lost.</remarks>
internal sealed partial class ShippingJournal : IDisposable
{
    /// <summary>Lines that the file may have beyond those that count, before it is written anew.</summary>
    private const int Slack = 10_000;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly Dictionary<AttemptId, LogLocation[]> _open = [];
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly Utf8JsonWriter _writer;
    private FileStream? _file;
    private int _lines;

    private ShippingJournal(string path, ILogger logger) => (_path, _logger, _writer) = (path, logger, new(_text));

    /// <summary>Those that were to be shipped when the file was opened.</summary>
    public required IReadOnlyList<KeyValuePair<AttemptId, LogLocation[]>> Found { get; init; }

    /// <summary>Reads the file, and goes on with it.</summary>
    public static ShippingJournal Open(string directory, ILogger logger)
    {
        var path = Path.Combine(directory, "shipping");
        var open = Read(path);
        var journal = new ShippingJournal(path, logger) { Found = [.. open] };
        foreach (var (attempt, logs) in open)
        {
            journal._open[attempt] = logs;
        }

        journal.Do(journal.Rewrite);
        return journal;
    }

    /// <summary>These are launched.</summary>
    /// <returns>Those that were not before.</returns>
    public List<KeyValuePair<AttemptId, LogLocation[]>> Add(IEnumerable<KeyValuePair<AttemptId, LogLocation[]>> attempts)
    {
        lock (_gate)
        {
            var added = attempts.Where(attempt => _open.TryAdd(attempt.Key, attempt.Value)).ToList();
            Do(() => Append([.. added.Select(one => new Line(one.Key, one.Value))]));
            return added;
        }
    }

    /// <summary>Nothing is to be shipped of these any more.</summary>
    public void Remove(IReadOnlyCollection<AttemptId> attempts)
    {
        lock (_gate)
        {
            var lines = attempts.Where(_open.Remove).Select(attempt => new Line(attempt, [])).ToList();
            Do(() => Append(lines));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file?.Dispose();
            _file = null;
            _writer.Dispose();
        }
    }

    private static Dictionary<AttemptId, LogLocation[]> Read(string path)
    {
        var open = new Dictionary<AttemptId, LogLocation[]>();
        foreach (var text in File.Exists(path) ? File.ReadLines(path) : [])
        {
            if (ReadLine(text) is not var (attempt, logs))
            {
                continue;
            }

            if (logs.Length > 0)
            {
                open[attempt] = logs;
            }
            else
            {
                open.Remove(attempt);
            }
        }

        return open;
    }

    private static Line? ReadLine(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text));
            List<string> logs = [];
            _ = reader.Read() && reader.Read();
            var job = reader.GetString() ?? "";
            _ = reader.Read();
            var fence = reader.GetInt64();
            while (reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                logs.Add(reader.GetString() ?? "");
            }

            return new(new(job, fence), [.. logs.Chunk(4).Select(log => new LogLocation { Scope = new(log[0], log[1]), Group = log[2], Stream = log[3] })]);
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            // Cut off with the program that wrote it.
            return null;
        }
    }

    private void Append(List<Line> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        if (_file is null || _lines > (2 * _open.Count) + Slack)
        {
            Rewrite();
            return;
        }

        Write(_file, lines);
        _lines += lines.Count;
    }

    private void Rewrite()
    {
        var path = _path + ".new";
        _file?.Dispose();
        _file = null;
        var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        try
        {
            Write(file, [.. _open.Select(one => new Line(one.Key, one.Value))]);
            File.Move(path, _path, overwrite: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        (_file, _lines) = (file, _open.Count);
    }

    private void Write(FileStream file, List<Line> lines)
    {
        _text.ResetWrittenCount();
        foreach (var (attempt, logs) in lines)
        {
            _writer.Reset();
            _writer.WriteStartArray();
            _writer.WriteStringValue(attempt.JobId);
            _writer.WriteNumberValue(attempt.Fence);
            foreach (var log in logs)
            {
                _writer.WriteStringValue(log.Scope.Account);
                _writer.WriteStringValue(log.Scope.Region);
                _writer.WriteStringValue(log.Group);
                _writer.WriteStringValue(log.Stream);
            }

            _writer.WriteEndArray();
            _writer.Flush();
            _text.Write("\n"u8);
        }

        // One write: a program that is killed in it leaves a cut line at most.
        file.Write(_text.WrittenSpan);
    }

    private void Do(Action write)
    {
        try
        {
            write();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // The attempts run all the same; their logs are shipped unless the agent dies before that.
            _file?.Dispose();
            _file = null;
            LogNotWritten(problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Which logs are to be shipped could not be noted: {Reason}")]
    private partial void LogNotWritten(string reason);

    private sealed record Line(AttemptId Attempt, LogLocation[] Logs);
}
