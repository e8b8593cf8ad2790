using System.Buffers.Binary;

namespace OrleansBatch.Processes;

/// <summary>Tells, once per watch, that a file has grown (<c>inotify</c>). For one thread.</summary>
public sealed unsafe class FileWatch : IDisposable
{
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const uint Modified = 0x2;
    private const uint Once = 0x80000000;
    private const int HeaderSize = 16;
    private const int BufferSize = 64 * 1024;

    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly int _descriptor = Libc.WatchInitialize(NonBlocking | CloseOnExec);

    /// <summary>Watches a file until it is modified.</summary>
    /// <returns>The watch's number; negative when the file is not there, or the kernel has no watches left.</returns>
    public int Add(string path) => _descriptor < 0 ? -1 : Libc.WatchAdd(_descriptor, path, Modified | Once);

    /// <summary>Watches no more.</summary>
    public void Remove(int watch) => _ = Libc.WatchRemove(_descriptor, watch);

    /// <summary>Takes the numbers of the watches whose file has been modified. Does not wait.</summary>
    /// <param name="modified">Filled anew; some may be missing after very many at once.</param>
    public void Read(List<int> modified)
    {
        modified.Clear();
        while (_descriptor >= 0)
        {
            nint length;
            fixed (byte* begin = _buffer)
            {
                length = Libc.Read(_descriptor, begin, BufferSize);
            }

            if (length <= 0)
            {
                return;
            }

            for (var rest = _buffer.AsSpan(0, (int)length); rest.Length >= HeaderSize;)
            {
                if ((BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]) & Modified) != 0)
                {
                    modified.Add(BinaryPrimitives.ReadInt32LittleEndian(rest));
                }

                rest = rest[(HeaderSize + (int)BinaryPrimitives.ReadUInt32LittleEndian(rest[12..]))..];
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.Close(_descriptor);
        }
    }
}
