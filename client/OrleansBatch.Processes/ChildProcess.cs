namespace OrleansBatch.Processes;

/// <summary>Waiting for children of this process.</summary>
public static unsafe class ChildProcess
{
    /// <summary>Makes orphans below this process its children, instead of init's.</summary>
    public static void BecomeSubreaper() => _ = Libc.ProcessControl(Libc.SetChildSubreaper, 1, 0, 0, 0);

    /// <summary>Blocks until any child has ended, and leaves it there: its id stays taken until <see cref="Reap(int)"/>.</summary>
    /// <returns>Its id; 0 when there is no child at all.</returns>
    /// <exception cref="IOException">The system refuses to wait.</exception>
    public static int WaitForAny()
    {
        // siginfo_t: three integers, padding to the pointer size, then the process id.
        var information = stackalloc int[32];
        while (Libc.WaitId(Libc.WaitForAll, 0, information, Libc.WaitExited | Libc.WaitNoReap) != 0)
        {
            var error = OsError.Last;
            if (error == OsError.NoChild)
            {
                return 0;
            }

            if (error != OsError.Interrupted)
            {
                throw error.ToException("waitid");
            }
        }

        return information[sizeof(nint) == 8 ? 4 : 3];
    }

    /// <summary>Takes an ended child away.</summary>
    /// <returns>Its exit code, 128 + n after signal n; null if it is not an ended child.</returns>
    public static int? Reap(int pid) => Reap(pid, out _);

    /// <summary>Takes an ended child away, and says what it used.</summary>
    /// <returns>As <see cref="Reap(int)"/>.</returns>
    public static int? Reap(int pid, out ProcessUsage usage)
    {
        // struct rusage: user and system time in seconds and microseconds, then the largest size in KiB; at most 16 longs.
        var numbers = stackalloc nint[32];
        int status;
        if (Libc.Wait(pid, &status, Libc.WaitNoHang, numbers) != pid)
        {
            usage = default;
            return null;
        }

        usage = new(((numbers[0] + numbers[2]) * 1_000_000L) + numbers[1] + numbers[3], numbers[4] * 1024L);
        var signal = status & 0x7f;
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal;
    }

    /// <summary>The children that this process' main thread has: with <see cref="BecomeSubreaper"/>, the orphans below it.</summary>
    /// <remarks>Children belong to the thread that started them, and orphans to the first thread.</remarks>
    public static IReadOnlyList<int> Adopted()
    {
        var self = Libc.GetPid();
        try
        {
            var text = File.ReadAllText($"/proc/self/task/{self}/children");
            return text.Length == 0 ? [] : [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        }
        catch (FileNotFoundException)
        {
            // A kernel without that list: look at everyone's parent.
            return [.. ProcessTable.Pids().Where(pid => ProcessStatus.Read(pid) is { } status && status.Parent == self)];
        }
    }
}

/// <summary>What a process used, with those of its children that it waited for.</summary>
/// <param name="CpuMicroseconds">Processor time.</param>
/// <param name="LargestBytes">The most memory that one of them had at a time. Never less than what the process that started it had.</param>
public readonly record struct ProcessUsage(long CpuMicroseconds, long LargestBytes);
