using System.Runtime.InteropServices;

namespace OrleansBatch.Benchmarks;

/// <summary>The physical limit beside every figure: <c>posix_spawn</c> and wait, and nothing else.</summary>
internal static partial class BareSpawn
{
    /// <summary>Starts and reaps so many processes from so many threads.</summary>
    public static void Run(int count, int threads, params string[] command)
    {
        var left = count;
        var workers = Enumerable.Range(0, threads)
            .Select(_ => new Thread(() =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    Wait(Start(command));
                }
            }))
            .ToList();
        workers.ForEach(worker => worker.Start());
        workers.ForEach(worker => worker.Join());
    }

    /// <summary>Starts a process; gives its id.</summary>
    public static unsafe int Start(params string[] command)
    {
        var arguments = command.Select(Marshal.StringToCoTaskMemUTF8).Append(0).ToArray();
        try
        {
            fixed (nint* argv = arguments)
            {
                var none = stackalloc nint[1];
                none[0] = 0;
                var error = PosixSpawn(out var pid, command[0], 0, 0, argv, none);
                return error == 0 ? pid : throw new InvalidOperationException($"posix_spawn of {command[0]} failed with error {error}.");
            }
        }
        finally
        {
            foreach (var argument in arguments)
            {
                Marshal.FreeCoTaskMem(argument);
            }
        }
    }

    /// <summary>Reaps a process.</summary>
    public static void Wait(int pid) => _ = WaitPid(pid, out _, 0);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int PosixSpawn(out int pid, string path, nint actions, nint attributes, nint* argv, nint* environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitPid(int pid, out int status, int options);
}
