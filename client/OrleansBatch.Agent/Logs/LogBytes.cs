using Microsoft.Win32.SafeHandles;

namespace OrleansBatch.Agent.Logs;

/// <summary>Looks into a log a block at a time, wherever it is asked.</summary>
internal sealed class LogBytes(SafeFileHandle file) : IDisposable
{
    private const int BlockSize = 64 * 1024;

    private readonly byte[] _block = new byte[BlockSize];
    private long _begin;
    private int _length;

    /// <summary>Bytes of the file.</summary>
    public long Length => RandomAccess.GetLength(file);

    /// <summary>Offset of the first line feed in [<paramref name="from"/>, <paramref name="to"/>); -1 if there is none.</summary>
    public long FirstLineFeed(long from, long to)
    {
        for (var at = from; at < to;)
        {
            var span = Block(at, to);
            if (span.IsEmpty)
            {
                return -1;
            }

            var found = span.IndexOf((byte)'\n');
            if (found >= 0)
            {
                return at + found;
            }

            at += span.Length;
        }

        return -1;
    }

    /// <summary>Offset of the last line feed in [<paramref name="from"/>, <paramref name="to"/>); -1 if there is none.</summary>
    public long LastLineFeed(long from, long to)
    {
        for (var end = to; end > from;)
        {
            var begin = Math.Max(from, (end - 1) / BlockSize * BlockSize);
            var found = Block(begin, end).LastIndexOf((byte)'\n');
            if (found >= 0)
            {
                return begin + found;
            }

            end = begin;
        }

        return -1;
    }

    /// <summary>One byte.</summary>
    public byte At(long offset) => Block(offset, offset + 1) is [var value, ..] ? value : (byte)0;

    /// <summary>The bytes in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public byte[] Copy(long from, long to)
    {
        var bytes = new byte[to - from];
        for (var at = from; at < to;)
        {
            var span = Block(at, to);
            if (span.IsEmpty)
            {
                break;
            }

            span.CopyTo(bytes.AsSpan((int)(at - from)));
            at += span.Length;
        }

        return bytes;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private ReadOnlySpan<byte> Block(long from, long to)
    {
        if (from < _begin || from >= _begin + _length)
        {
            _begin = from / BlockSize * BlockSize;
            _length = RandomAccess.Read(file, _block, _begin);
        }

        var skip = (int)(from - _begin);
        return skip >= _length ? [] : _block.AsSpan(skip, (int)Math.Min(_length - skip, to - from));
    }
}
