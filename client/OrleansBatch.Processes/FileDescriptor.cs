using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansBatch.Processes;

/// <summary>A descriptor of an open file or socket that can be handed to a process that is started.</summary>
public sealed class FileDescriptor : SafeHandleZeroOrMinusOneIsInvalid
{
    // Above the numbers that a started program gets them as, so that none overwrites another on the way.
    private const int LowestNumber = 16;

    /// <summary>Takes an open descriptor over.</summary>
    public FileDescriptor(int number)
        : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Its number in this process.</summary>
    public int Number => (int)handle;

    /// <summary>Opens a file to append to; it is made if it is not there.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileDescriptor OpenAppend(string path) =>
        Open(path, Libc.OpenReadWrite | Libc.OpenCreate | Libc.OpenAppend);

    /// <summary>Opens a directory only to name things below it.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static FileDescriptor OpenPath(string path) => Open(path, Libc.OpenPathOnly);

    /// <summary>Writes all of it with one call where the system lets it.</summary>
    /// <exception cref="IOException">Not all of it could be written.</exception>
    public unsafe void Write(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* begin = bytes)
        {
            nint done = 0;
            while (done < bytes.Length)
            {
                var written = Libc.Write(Number, begin + done, bytes.Length - done);
                if (written < 0 && OsError.Last is var error && error != OsError.Interrupted)
                {
                    throw error.ToException("write");
                }

                done += Math.Max(0, written);
            }
        }
    }

    internal static FileDescriptor Raise(int number)
    {
        var raised = Libc.FileControl(number, Libc.DuplicateCloseOnExec, LowestNumber);
        var error = Marshal.GetLastPInvokeError();
        _ = Libc.Close(number);
        return raised >= 0 ? new(raised) : throw new OsError(error).ToException("fcntl");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;

    private static FileDescriptor Open(string path, int flags)
    {
        var number = Libc.Open(path, flags | Libc.OpenCloseOnExec, 0b110_000_000);
        return number >= 0 ? Raise(number) : throw OsError.Last.ToException(path);
    }
}
