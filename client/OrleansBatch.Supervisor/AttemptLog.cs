using OrleansBatch.Processes;
using OrleansBatch.Processes.Logs;

namespace OrleansBatch.Supervisor;

/// <summary>The log of one attempt and the index beside it. Safe from two threads.</summary>
internal sealed class AttemptLog(string path)
{
    private readonly Lock _gate = new();
    private long _size;
    private long _time;
    private bool _closed;

    /// <summary>The log's absolute path; empty if there is none.</summary>
    public string Path { get; } = path;

    /// <summary>Whether nothing more will come.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
            {
                return _closed;
            }
        }
    }

    /// <summary>The watch that tells when it grows; negative when there is none. Only the lookout's.</summary>
    public int Watch { get; set; } = -1;

    /// <summary>Notes how far the log has come by now, if it has grown since the last look.</summary>
    /// <returns>Whether it has.</returns>
    public bool Look(long now) => Note(now, close: false);

    /// <summary>Notes that nothing more will come. A log that stayed empty gets no index.</summary>
    public void Close(long now) => Note(now, close: true);

    private bool Note(long now, bool close)
    {
        lock (_gate)
        {
            if (_closed || Path.Length == 0)
            {
                return false;
            }

            _closed = close;
            var size = Files.SizeOf(Path);
            if (size <= 0 || (size == _size && !close))
            {
                return false;
            }

            try
            {
                // Times never go back in an index, also if the clock does.
                _time = Math.Max(_time, now);
                new LogTimes(size, _time, close).AppendTo(Path);
                _size = size;
            }
            catch (IOException)
            {
                // A full disk: the lines are there, or not, and will be stamped by the next look that can be written.
            }

            return true;
        }
    }
}
