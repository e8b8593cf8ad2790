using System.Diagnostics;
using System.Globalization;

namespace OrleansBatch.Processes;

/// <summary>Names one process for as long as this boot lasts: ids are used again, ids with start times are not.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTicks">Field 22 of <c>/proc/PID/stat</c>: clock ticks since boot.</param>
public readonly record struct ProcessIdentity(int Pid, long StartTicks)
{
    private const long TicksPerSecond = 100;

    /// <summary>This boot of this machine.</summary>
    public static string BootId { get; } = File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>The clock ticks since boot that a process gets which is started now.</summary>
    /// <remarks>What programs are told is in hundredths of a second, whatever the kernel counts in.</remarks>
    public static long TicksSinceBoot() => BootTime.Milliseconds() * TicksPerSecond / 1000;

    /// <summary>Whether it still runs; one that has ended and waits to be reaped does not.</summary>
    public bool IsAlive => ProcessStatus.Read(Pid) is { IsDead: false } status && status.StartTicks == StartTicks;

    /// <summary>SIGKILL to this process and no other that may have its number by now.</summary>
    public void Kill()
    {
        var pidfd = Libc.PidfdOpen(Pid);
        if (pidfd < 0)
        {
            return;
        }

        try
        {
            // The descriptor holds the process, so what is checked now is what is killed then.
            if (IsAlive)
            {
                _ = Libc.PidfdSendSignal(pidfd, ProcessSignal.Kill);
            }
        }
        finally
        {
            _ = Libc.Close(pidfd);
        }
    }

    /// <summary>Waits until it is gone, child or not.</summary>
    /// <returns>False when the time ran out first.</returns>
    public unsafe bool WaitForEnd(TimeSpan timeout)
    {
        var pidfd = Libc.PidfdOpen(Pid);
        if (pidfd < 0)
        {
            return !IsAlive;
        }

        try
        {
            if (!IsAlive)
            {
                return true;
            }

            var watched = new Libc.PollDescriptor { Descriptor = pidfd, Events = Libc.PollIn };
            var deadline = Stopwatch.GetTimestamp() + (long)(timeout.TotalSeconds * Stopwatch.Frequency);
            while (true)
            {
                var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
                var ready = Libc.Poll(&watched, 1, (int)Math.Max(0, Math.Ceiling(left.TotalMilliseconds)));
                if (ready >= 0 || OsError.Last != OsError.Interrupted)
                {
                    return ready > 0;
                }
            }
        }
        finally
        {
            _ = Libc.Close(pidfd);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} started at {StartTicks}");
}
