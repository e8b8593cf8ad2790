using Microsoft.Win32.SafeHandles;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Processes.Logs;

namespace OrleansBatch.Agent.Logs;

/// <summary>Reads the index beside a log: when the byte at an offset arrived, and how far the log had come when.</summary>
/// <remarks>Searches the file in halves; a log of a week has millions of entries.</remarks>
internal sealed class LogClock : IDisposable
{
    private const int EntriesAtOnce = 64;

    private readonly SafeFileHandle? _file;
    private readonly long _count;
    private LogTimes _entry;
    private long _entryBegin = -1;
    private long _next;

    private LogClock(SafeFileHandle? file)
    {
        _file = file;
        _count = file is null ? 0 : RandomAccess.GetLength(file) / LogTimes.EntrySize;
        Last = _count == 0 ? default : Entry(_count - 1);
    }

    /// <summary>The newest entry; all zero when there is none.</summary>
    public LogTimes Last { get; }

    /// <summary>Opens the index of a log; one that does not exist is empty.</summary>
    public static LogClock Open(string log)
    {
        var path = LogTimes.PathOf(log);
        return new(File.Exists(path) ? File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete) : null);
    }

    /// <summary>When what ends at this offset had arrived. Cheap if asked in ascending order.</summary>
    public DateTimeOffset TimeOf(long end)
    {
        if (_count == 0)
        {
            return DateTimeOffset.UnixEpoch;
        }

        if (_entryBegin < 0 || end <= _entryBegin)
        {
            MoveTo(FirstWhere(entry => entry.Size >= end));
        }

        while (_entry.Size < end && _next < _count)
        {
            MoveTo(_next);
        }

        return DateTimeOffset.FromUnixTimeMilliseconds(_entry.Time);
    }

    /// <summary>How far the log had come before this time: what ends up to there arrived earlier, what ends beyond at it or later.</summary>
    public long SizeBefore(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();

        // A time between two milliseconds is after the first of them.
        var whole = time.Ticks % TimeSpan.TicksPerMillisecond == 0 ? milliseconds : milliseconds + 1;
        var first = FirstWhere(entry => entry.Time >= whole);
        return first == 0 ? 0 : Entry(first - 1).Size;
    }

    /// <summary>When what lies in (<paramref name="begin"/>, <paramref name="end"/>] had arrived, each later than the one before it or at its time.</summary>
    /// <param name="begin">Byte offset.</param>
    /// <param name="end">Byte offset.</param>
    /// <param name="most">Entries at most: fewer bytes than asked for are then covered.</param>
    public List<LogMoment> Moments(long begin, long end, int most)
    {
        List<LogMoment> moments = [];
        var (covered, time) = (begin, 0L);
        Span<byte> block = stackalloc byte[LogTimes.EntrySize * EntriesAtOnce];
        for (var index = FirstWhere(entry => entry.Size > begin); index < _count && covered < end && moments.Count < most; index += EntriesAtOnce)
        {
            var read = RandomAccess.Read(_file!, block, index * LogTimes.EntrySize) / LogTimes.EntrySize;
            for (var at = 0; at < read && index + at < _count && covered < end && moments.Count < most; at++)
            {
                // An entry that says nothing new, as that of the end, covers nothing.
                if (LogTimes.Read(block[(at * LogTimes.EntrySize)..]) is var entry && entry.Size > covered)
                {
                    (covered, time) = (entry.Size, Math.Max(time, entry.Time));
                    moments.Add(new(Math.Min(covered, end), time));
                }
            }
        }

        if (covered < end && Last.Closed && moments.Count < most)
        {
            // Nobody saw these arrive.
            moments.Add(new(end, Math.Max(time, Last.Time)));
        }

        return moments;
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void MoveTo(long index)
    {
        var at = Math.Min(index, _count - 1);
        _entryBegin = at == 0 ? 0 : Entry(at - 1).Size;
        _entry = Entry(at);
        _next = at + 1;
    }

    private long FirstWhere(Func<LogTimes, bool> holds)
    {
        var (low, high) = (0L, _count);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (holds(Entry(middle)))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    private LogTimes Entry(long index)
    {
        Span<byte> bytes = stackalloc byte[LogTimes.EntrySize];
        var read = RandomAccess.Read(_file!, bytes, index * LogTimes.EntrySize);
        return read == LogTimes.EntrySize ? LogTimes.Read(bytes) : default;
    }
}
