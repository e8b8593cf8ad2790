using System.Globalization;
using System.Text;

namespace OrleansBatch.Processes;

/// <summary>Looks through all processes of the machine for those that carry a mark in their environment.</summary>
public static class ProcessTable
{
    // The largest environment that Linux lets a program begin with is a quarter of the stack's limit.
    private const int LargestEnvironment = 8 * 1024 * 1024;

    /// <summary>All process ids.</summary>
    public static IEnumerable<int> Pids()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
            {
                yield return pid;
            }
        }
    }

    /// <summary>The value of one variable in the environment that a process began with.</summary>
    /// <returns>Null when it has none, or is gone, or is not ours to read.</returns>
    public static string? VariableOf(int pid, string name)
    {
        var environment = ReadEnvironment(pid).AsSpan();
        var key = Encoding.UTF8.GetBytes(name + "=");
        while (!environment.IsEmpty)
        {
            var end = environment.IndexOf((byte)0);
            var entry = end < 0 ? environment : environment[..end];
            if (entry.StartsWith(key))
            {
                return Encoding.UTF8.GetString(entry[key.Length..]);
            }

            environment = end < 0 ? [] : environment[(end + 1)..];
        }

        return null;
    }

    private static byte[] ReadEnvironment(int pid)
    {
        try
        {
            using var file = File.OpenRead($"/proc/{pid}/environ");
            using var copy = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = file.Read(buffer)) > 0 && copy.Length < LargestEnvironment)
            {
                copy.Write(buffer, 0, read);
            }

            return copy.ToArray();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
