namespace OrleansBatch.Core.Logs.Reading;

/// <summary>Looks into the bytes of a log.</summary>
internal readonly struct LogText(ILogSource source)
{
    /// <summary>Offset of the first line feed in [<paramref name="from"/>, <paramref name="to"/>); -1 if there is none.</summary>
    public long FirstLineFeed(long from, long to)
    {
        for (var at = from; at < to;)
        {
            var span = source.BytesFrom(at, to);
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
            var span = source.BytesUpTo(from, end);
            if (span.IsEmpty)
            {
                return -1;
            }

            end -= span.Length;
            var found = span.LastIndexOf((byte)'\n');
            if (found >= 0)
            {
                return end + found;
            }
        }

        return -1;
    }

    /// <summary>One byte; 0 where nothing is.</summary>
    public byte At(long offset) => source.BytesFrom(offset, offset + 1) is [var value, ..] ? value : (byte)0;

    /// <summary>The bytes in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public byte[] Copy(long from, long to)
    {
        var bytes = new byte[to - from];
        for (var at = from; at < to;)
        {
            var span = source.BytesFrom(at, to);
            if (span.IsEmpty)
            {
                break;
            }

            span.CopyTo(bytes.AsSpan((int)(at - from)));
            at += span.Length;
        }

        return bytes;
    }
}
