using System.Buffers.Text;

namespace OrleansBatch.Processes;

/// <summary>The most memory that a process had at a time, as the kernel notes it for each.</summary>
public static unsafe class ProcessMemory
{
    private const int Self = 0;

    /// <summary>That of this process, in bytes: what is started here begins with no less in the kernel's notes.</summary>
    public static long OwnPeak()
    {
        var numbers = stackalloc nint[32];
        return Libc.GetUsage(Self, numbers) == 0 ? numbers[4] * 1024L : long.MaxValue;
    }

    /// <summary>That of a running process, in bytes.</summary>
    /// <returns>Null when there is none such.</returns>
    public static long? PeakOf(int pid)
    {
        var descriptor = Libc.Open($"/proc/{pid}/status", Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            return null;
        }

        var buffer = stackalloc byte[4096];
        var length = Libc.Read(descriptor, buffer, 4096);
        _ = Libc.Close(descriptor);
        return length > 0 ? Parse(new(buffer, (int)length)) : null;
    }

    /// <summary>Finds the line <c>VmHWM:     1234 kB</c>.</summary>
    internal static long? Parse(ReadOnlySpan<byte> status)
    {
        var at = status.IndexOf("\nVmHWM:"u8);
        return at >= 0 && Utf8Parser.TryParse(status[(at + 7)..].TrimStart(" \t"u8), out long kibibytes, out _) ? kibibytes * 1024 : null;
    }
}
