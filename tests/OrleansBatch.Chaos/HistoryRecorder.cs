using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos;

/// <summary>Takes what happens, from many tasks at once, and writes each to the run's file: also a run that is killed leaves its history.</summary>
internal sealed class HistoryRecorder : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private readonly StreamWriter _file;
    private bool _isClosed;

    public HistoryRecorder(string path) => _file = new(path);

    /// <summary>All so far.</summary>
    public IReadOnlyList<Entry> Entries
    {
        get
        {
            lock (_lock)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Takes one.</summary>
    public void Add(Entry entry)
    {
        lock (_lock)
        {
            if (!_isClosed)
            {
                _entries.Add(entry);
                _file.WriteLine(HistoryFile.ToLine(entry));
                _file.Flush();
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
            _file.Dispose();
        }
    }
}
