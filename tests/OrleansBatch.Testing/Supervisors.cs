using System.Diagnostics;
using System.Globalization;

namespace OrleansBatch.Testing;

/// <summary>Finds the supervisor of a data folder as an operator would: by its command line.</summary>
public static class Supervisors
{
    /// <summary>The process id of the supervisor of a data folder.</summary>
    /// <exception cref="InvalidOperationException">None is alive.</exception>
    public static int Of(string data) => TryFind(data) ?? throw new InvalidOperationException($"No supervisor of {data} is alive.");

    /// <summary>The same; null when none is alive.</summary>
    public static int? TryFind(string data) => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
        .Where(id => id > 0 && CommandLine(id) is var command
            && command.Contains(data, StringComparison.Ordinal)
            && command.Contains("OrleansBatch.Supervisor", StringComparison.Ordinal))
        .Select(id => (int?)id)
        .FirstOrDefault();

    /// <summary><c>kill -9</c>.</summary>
    public static void KillOf(string data)
    {
        using var process = Process.GetProcessById(Of(data));
        process.Kill();
    }

    /// <summary>Whether a process is there and not merely waiting to be reaped.</summary>
    public static bool IsAlive(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static string CommandLine(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile.
            return string.Empty;
        }
    }
}
