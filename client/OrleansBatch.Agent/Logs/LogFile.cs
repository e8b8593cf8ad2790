using Microsoft.Win32.SafeHandles;
using OrleansBatch.Core.Logs.Reading;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;

namespace OrleansBatch.Agent.Logs;

/// <summary>A log as its attempt wrote it: the file, looked into a block at a time wherever it is asked, and the index beside it.</summary>
internal sealed class LogFile : ILogSource, IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly SafeFileHandle _file;
    private readonly LogClock _clock;
    private byte[]? _block;
    private long _begin;
    private int _length;

    private LogFile(SafeFileHandle file, LogClock clock)
    {
        (_file, _clock) = (file, clock);
        var size = RandomAccess.GetLength(file);
        End = clock.Last.Closed ? size : Math.Min(clock.Last.Size, size);
    }

    /// <inheritdoc/>
    public long Begin => 0;

    /// <inheritdoc/>
    public long End { get; }

    /// <inheritdoc/>
    public bool IsClosed => _clock.Last.Closed;

    /// <summary>Opens it.</summary>
    /// <param name="path">The log's file.</param>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="IOException">It is there and cannot be read.</exception>
    public static LogFile? Open(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        // The index first: what it covers is in the log, which may have grown since.
        var clock = LogClock.Open(path);
        try
        {
            return new(File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete), clock);
        }
        catch
        {
            clock.Dispose();
            throw;
        }
    }

    /// <summary>Reads a page.</summary>
    /// <param name="path">The log's file.</param>
    /// <param name="query">Which page of it.</param>
    /// <param name="cancellationToken">Ends a read that takes long.</param>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    public static LogPage Read(string path, LogQuery query, CancellationToken cancellationToken)
    {
        using var log = Open(path);
        return log is null ? LogReader.None(query) : LogReader.Read(log, query, cancellationToken);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesFrom(long from, long to)
    {
        if (from < _begin || from >= _begin + _length)
        {
            _begin = from / BlockSize * BlockSize;
            _length = RandomAccess.Read(_file, _block ??= new byte[BlockSize], _begin);
        }

        var skip = (int)(from - _begin);
        return skip >= _length ? [] : _block.AsSpan(skip, (int)Math.Min(_length - skip, to - from));
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> BytesUpTo(long from, long to)
    {
        var begin = Math.Max(from, (to - 1) / BlockSize * BlockSize);
        var bytes = BytesFrom(begin, to);

        // Of a file that was cut meanwhile nothing ends there.
        return bytes.Length == to - begin ? bytes : [];
    }

    /// <inheritdoc/>
    public DateTimeOffset TimeOf(long end) => _clock.TimeOf(end);

    /// <inheritdoc/>
    public long SizeBefore(DateTimeOffset time) => _clock.SizeBefore(time);

    /// <summary>Reads all of these bytes, without keeping a block.</summary>
    /// <returns>Whether they are there.</returns>
    public bool TryRead(long begin, Span<byte> bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var read = RandomAccess.Read(_file, bytes[at..], begin + at);
            if (read == 0)
            {
                return false;
            }

            at += read;
        }

        return true;
    }

    /// <summary>When what lies in (<paramref name="begin"/>, <paramref name="end"/>] had arrived: each entry covers what ends behind the one before it.</summary>
    public List<LogMoment> Moments(long begin, long end, int most) => _clock.Moments(begin, end, most);

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _clock.Dispose();
    }
}
