using System.Buffers;
using System.Text.Json;
using OrleansBatch.Processes;

namespace OrleansBatch.Supervisor;

/// <summary>The append-only file from which a later supervisor learns what this one had accepted, started and seen end.</summary>
/// <remarks>
/// One line of JSON per record, one write per batch, no fsync: it guards against a killed program, and a reboot ends the
/// attempts anyway. A line that a kill has torn is passed over. Written only by the holder of the directory's lock.
/// </remarks>
internal sealed class Journal : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private FileDescriptor _file;
    private bool _torn;

    private Journal(string path, FileDescriptor file, long size)
    {
        _path = path;
        _file = file;
        Size = size;
    }

    /// <summary>Bytes in the file.</summary>
    public long Size { get; private set; }

    /// <summary>Opens a journal to append to it; it is made if it is not there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static Journal Open(string path)
    {
        var file = FileDescriptor.OpenAppend(path);

        // Whatever the last line is, the next record begins on a line of its own; blank lines mean nothing.
        return new(path, file, Files.SizeOf(path)) { _torn = true };
    }

    /// <summary>Every record that can be read, oldest first.</summary>
    public static IEnumerable<JournalRecord> Read(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        foreach (var line in File.ReadLines(path))
        {
            if (Parse(line) is { } record)
            {
                yield return record;
            }
        }
    }

    /// <summary>Puts one record behind those that will be written together.</summary>
    public static void Format(JournalRecord record, ArrayBufferWriter<byte> into)
    {
        using (var json = new Utf8JsonWriter(into, new JsonWriterOptions { SkipValidation = true }))
        {
            JsonSerializer.Serialize(json, record, JournalJson.Default.JournalRecord);
        }

        into.GetSpan(1)[0] = (byte)'\n';
        into.Advance(1);
    }

    /// <summary>Writes formatted records. Safe from several threads.</summary>
    /// <exception cref="IOException">They are not, or not all, in the file.</exception>
    public void Append(ReadOnlySpan<byte> records)
    {
        lock (_gate)
        {
            try
            {
                if (_torn)
                {
                    _file.Write("\n"u8);
                    _torn = false;
                }

                _file.Write(records);
                Size += records.Length;
            }
            catch (IOException)
            {
                _torn = true;
                throw;
            }
        }
    }

    /// <summary>Puts a shorter file with the same meaning in its place. Nobody else may append meanwhile.</summary>
    /// <exception cref="IOException">The old one stays.</exception>
    public void Replace(ReadOnlySpan<byte> records)
    {
        var fresh = _path + ".new";
        File.Delete(fresh);
        var file = FileDescriptor.OpenAppend(fresh);
        try
        {
            file.Write(records);
            File.Move(fresh, _path, overwrite: true);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _file.Dispose();
        _file = file;
        _torn = false;
        Size = records.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static JournalRecord? Parse(string line)
    {
        if (line.Length == 0)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line, JournalJson.Default.JournalRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
