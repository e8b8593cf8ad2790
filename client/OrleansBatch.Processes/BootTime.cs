namespace OrleansBatch.Processes;

/// <summary>The clock that counts from boot and runs through suspension (<c>CLOCK_BOOTTIME</c>): the same for all processes, and nobody sets it.</summary>
public static class BootTime
{
    /// <summary>Milliseconds since boot.</summary>
    public static unsafe long Milliseconds()
    {
        Span<long> time = stackalloc long[2];
        fixed (long* begin = time)
        {
            _ = Libc.GetTime(Libc.BootClock, begin);
        }

        return (time[0] * 1000) + (time[1] / 1_000_000);
    }
}
