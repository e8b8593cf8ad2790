using System.Buffers.Text;
using System.Text;

namespace OrleansBatch.Processes.Cgroups;

/// <summary>One of the small files through which the kernel is told and asked, opened for each use.</summary>
/// <remarks>
/// To keep them all open would be dearer: every start copies and closes all that is open, and a thousand open files cost more than a
/// start does. Each write is one whole value and each read the whole file. A list of processes must be opened anew: from a file that
/// stays open the kernel gives a copy up to a second old.
/// </remarks>
internal sealed unsafe class KernelFile
{
    private readonly FileDescriptor? _directory;
    private readonly string _path;
    private readonly byte[] _name;
    private int _kept = -1;

    /// <summary>A file below an open directory, which saves the way to it.</summary>
    public KernelFile(FileDescriptor directory, string name)
    {
        (_directory, _path) = (directory, name);
        _name = [.. Encoding.UTF8.GetBytes(name), 0];
    }

    /// <summary>A file by its absolute path.</summary>
    public KernelFile(string path)
    {
        _path = path;
        _name = [.. Encoding.UTF8.GetBytes(path), 0];
    }

    /// <summary>Keeps it open until <see cref="Close"/>, for all that it can do.</summary>
    public void KeepOpen()
    {
        _kept = Open(Libc.OpenReadWrite);
        _kept = _kept >= 0 ? _kept : Open(Libc.OpenWriteOnly);
        _kept = _kept >= 0 ? _kept : Open(Libc.OpenReadOnly);
    }

    /// <summary>Keeps it open no longer.</summary>
    public void Close()
    {
        if (_kept >= 0)
        {
            _ = Libc.Close(_kept);
            _kept = -1;
        }
    }

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
        var descriptor = Take(Libc.OpenWriteOnly);
        if (descriptor < 0)
        {
            return OsError.Last;
        }

        fixed (byte* begin = text)
        {
            var error = Libc.WriteAt(descriptor, begin, (nuint)text.Length, 0) == text.Length ? default : OsError.Last;
            GiveBack(descriptor);
            return error;
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
        var descriptor = Take(Libc.OpenReadOnly);
        if (descriptor < 0)
        {
            return [];
        }

        var length = Read(descriptor, buffer);
        GiveBack(descriptor);
        return buffer[..length];
    }

    /// <summary>Reads its one number.</summary>
    /// <returns>Null when it cannot be read.</returns>
    public long? ReadNumber()
    {
        Span<byte> buffer = stackalloc byte[64];
        return Number(Read(buffer));
    }

    /// <summary>Reads its one number and sets it back to 0, as far as the kernel lets it.</summary>
    /// <returns>Null when it cannot be read.</returns>
    public long? TakeNumber()
    {
        var descriptor = Take(Libc.OpenReadWrite);
        if (descriptor < 0)
        {
            return null;
        }

        Span<byte> buffer = stackalloc byte[64];
        var number = Number(buffer[..Read(descriptor, buffer)]);
        var zero = (byte)'0';
        _ = Libc.WriteAt(descriptor, &zero, 1, 0);
        GiveBack(descriptor);
        return number;
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
                return Number(line[(name.Length + 1)..]);
            }

            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return null;
    }

    /// <summary>Reads all the numbers, one a line.</summary>
    /// <returns>None when there is no such file any more; null when it cannot be read, so that nobody knows.</returns>
    public List<int>? ReadNumbers()
    {
        var buffer = new byte[4096];
        int length;
        while (true)
        {
            var descriptor = Open(Libc.OpenReadOnly);
            if (descriptor < 0)
            {
                return OsError.Last == OsError.NotFound || OsError.Last == OsError.NoDevice ? [] : null;
            }

            length = Read(descriptor, buffer);
            _ = Libc.Close(descriptor);
            if (length < buffer.Length)
            {
                break;
            }

            buffer = new byte[4 * buffer.Length];
        }

        List<int> numbers = [];
        ReadOnlySpan<byte> text = buffer.AsSpan(0, length);
        while (!text.IsEmpty)
        {
            if (Utf8Parser.TryParse(text, out int number, out _))
            {
                numbers.Add(number);
            }

            var end = text.IndexOf((byte)'\n');
            text = end < 0 ? [] : text[(end + 1)..];
        }

        return numbers;
    }

    private int Take(int flags) => _kept >= 0 ? _kept : Open(flags);

    private void GiveBack(int descriptor)
    {
        if (descriptor != _kept)
        {
            _ = Libc.Close(descriptor);
        }
    }

    private int Open(int flags)
    {
        fixed (byte* name = _name)
        {
            return Libc.OpenAt(_directory?.Number ?? Libc.AtWorkingDirectory, name, flags | Libc.OpenCloseOnExec, 0);
        }
    }

    private static int Read(int descriptor, Span<byte> buffer)
    {
        var length = 0;
        fixed (byte* begin = buffer)
        {
            // A long list comes in pieces of a page or so.
            nint read;
            while (length < buffer.Length && (read = Libc.ReadAt(descriptor, begin + length, (nuint)(buffer.Length - length), length)) > 0)
            {
                length += (int)read;
            }
        }

        return length;
    }

    private static long? Number(ReadOnlySpan<byte> text) => Utf8Parser.TryParse(text, out long value, out _) ? value : null;
}
