using System.Runtime.InteropServices;

namespace OrleansBatch.Chaos.Machine;

/// <summary>The clock that all processes of the machine share: nanoseconds since boot, also while it was suspended.</summary>
internal static partial class BootClock
{
    private const int BootTime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Now.</summary>
    public static long Now
    {
        get
        {
            var error = GetTime(BootTime, out var time);
            return error == 0 ? (time.Seconds * NanosecondsPerSecond) + time.Nanoseconds : throw new InvalidOperationException($"clock_gettime: {error}");
        }
    }

    /// <summary>Now in hundredths of a second, rounded down, as the witnesses write it.</summary>
    public static long NowAsWitness => Now / 10_000_000 * 10_000_000;

    /// <summary>Milliseconds since 1970 when the clock began.</summary>
    public static double BootedAt
    {
        get
        {
            var before = Now;
            var wall = (DateTime.UtcNow - DateTime.UnixEpoch).TotalMilliseconds;
            return wall - ((before + Now) / 2 / 1e6);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
