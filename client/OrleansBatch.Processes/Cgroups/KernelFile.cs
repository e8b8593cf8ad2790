using System.Buffers.Text;

namespace OrleansBatch.Processes.Cgroups;

/// <summary>One of the small files through which the kernel is told and asked. Kept open: to open it costs ten times what to use it costs.</summary>
/// <remarks>Each write is one whole value and each read the whole file from its beginning.</remarks>
internal sealed unsafe class KernelFile : IDisposable
{
    private readonly string _path;
    private int _descriptor;

    private KernelFile(string path, int descriptor) => (_path, _descriptor) = (path, descriptor);

    /// <summary>Opens it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static KernelFile Open(string path, bool write) =>
        TryOpen(path, write) ?? throw OsError.Last.ToException(path);

    /// <summary>Opens it; null when that cannot be done, such as where the kernel has no such file.</summary>
    public static KernelFile? TryOpen(string path, bool write)
    {
        var descriptor = Libc.Open(path, (write ? Libc.OpenReadWrite : Libc.OpenReadOnly) | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0 && write)
        {
            descriptor = Libc.Open(path, Libc.OpenWriteOnly | Libc.OpenCloseOnExec, 0);
        }

        return descriptor < 0 ? null : new(path, descriptor);
    }

    /// <summary>The descriptor.</summary>
    public int Descriptor => _descriptor;

    /// <summary>Writes a number.</summary>
    public OsError TryWrite(long value)
    {
        Span<byte> text = stackalloc byte[24];
        _ = Utf8Formatter.TryFormat(value, text, out var length);
        return TryWrite(text[..length]);
    }

    /// <summary>Writes a text.</summary>
    public OsError TryWrite(ReadOnlySpan<byte> text)
    {
        fixed (byte* begin = text)
        {
            return Libc.WriteAt(_descriptor, begin, (nuint)text.Length, 0) == text.Length ? default : OsError.Last;
        }
    }

    /// <summary>Writes a text.</summary>
    /// <exception cref="IOException">The kernel refuses it.</exception>
    public void Write(ReadOnlySpan<byte> text)
    {
        if (TryWrite(text) is { IsNone: false } error)
        {
            throw error.ToException(_path);
        }
    }

    /// <summary>Writes a number.</summary>
    /// <exception cref="IOException">The kernel refuses it.</exception>
    public void Write(long value)
    {
        if (TryWrite(value) is { IsNone: false } error)
        {
            throw error.ToException(_path);
        }
    }

    /// <summary>Reads as much as the buffer holds.</summary>
    /// <returns>Nothing when it cannot be read.</returns>
    public ReadOnlySpan<byte> Read(Span<byte> buffer)
    {
        fixed (byte* begin = buffer)
        {
            var length = Libc.ReadAt(_descriptor, begin, (nuint)buffer.Length, 0);
            return length > 0 ? buffer[..(int)length] : [];
        }
    }

    /// <summary>Reads its one number.</summary>
    public long? ReadNumber()
    {
        Span<byte> buffer = stackalloc byte[64];
        return Utf8Parser.TryParse(Read(buffer), out long value, out _) ? value : null;
    }

    /// <summary>Reads the number on the line that begins with a name.</summary>
    public long? ReadNumber(ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[1024];
        var rest = Read(buffer);
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            if (line.Length > name.Length && line.StartsWith(name) && line[name.Length] == ' ')
            {
                return Utf8Parser.TryParse(line[(name.Length + 1)..], out long value, out _) ? value : null;
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return null;
    }

    /// <summary>Reads all the numbers, one a line.</summary>
    public List<int> ReadNumbers()
    {
        List<int> numbers = [];
        Span<byte> buffer = stackalloc byte[4096];
        var text = Read(buffer);
        if (text.Length == buffer.Length)
        {
            // More than a page: rare, and then what it costs does not matter.
            text = ReadAll();
        }

        while (!text.IsEmpty)
        {
            if (Utf8Parser.TryParse(text, out int number, out var used))
            {
                numbers.Add(number);
            }

            var end = text.IndexOf((byte)'\n');
            text = end < 0 ? [] : text[(end + 1)..];
        }

        return numbers;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Libc.Close(_descriptor);
            _descriptor = -1;
        }
    }

    private byte[] ReadAll()
    {
        try
        {
            return File.ReadAllBytes(_path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
