using System.Globalization;
using System.Runtime.InteropServices;

namespace OrleansBatch.Chaos.Machine;

/// <summary>Processes as the kernel has them: always by id, together with the time of their start, for ids come again.</summary>
internal static partial class Proc
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private const int StartTimeField = 22;

    /// <summary>State and start of a process; null: there is none.</summary>
    public static (char State, long Start)? Look(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The name in parentheses may hold anything.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], long.Parse(fields[StartTimeField - 3], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether it lives, and is no corpse that waits for its parent.</summary>
    public static bool IsAlive(int pid) => Look(pid) is { State: not ('Z' or 'X') };

    /// <summary>Whether exactly this one lives.</summary>
    public static bool IsAlive(int pid, long start) => Look(pid) is { State: not ('Z' or 'X') } found && found.Start == start;

    /// <summary>Whether it has been stopped by a signal.</summary>
    public static bool IsStopped(int pid) => Look(pid) is { State: 'T' };

    /// <summary>Sends a signal. False: there is no such process.</summary>
    public static bool Signal(int pid, int signal) => pid > 1 && Send(pid, signal) == 0;

    /// <summary>Everything that runs in a folder or names it on its command line.</summary>
    public static IReadOnlyList<int> Of(string folder) => [.. All().Where(pid => pid != Environment.ProcessId && Belongs(pid, folder))];

    /// <summary>Those whose command line names both.</summary>
    public static IReadOnlyList<int> Of(string folder, string program) =>
        [.. All().Where(pid => CommandLine(pid) is var line && line.Contains(folder + "/", StringComparison.Ordinal) && line.Contains(program, StringComparison.Ordinal) && IsAlive(pid))];

    private static IEnumerable<int> All() => Directory.EnumerateDirectories("/proc")
        .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 1);

    private static bool Belongs(int pid, string folder)
    {
        try
        {
            return CommandLine(pid).Contains(folder + "/", StringComparison.Ordinal)
                || new FileInfo($"/proc/{pid}/cwd").LinkTarget?.StartsWith(folder + "/", StringComparison.Ordinal) == true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int pid, int signal);
}
