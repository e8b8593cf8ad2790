using System.Globalization;
using OrleansBatch.Model;

namespace OrleansBatch.Agent;

/// <summary>What this machine really has.</summary>
internal static class HostCapacity
{
    /// <summary>Processors and memory that the agent sees.</summary>
    public static ResourceNeeds Read() => new()
    {
        VcpuMillis = Environment.ProcessorCount * 1000L,
        MemoryMiB = MemoryMiB(),
    };

    private static long MemoryMiB()
    {
        // "MemTotal:       24684284 kB"
        var line = File.ReadLines("/proc/meminfo").First(text => text.StartsWith("MemTotal:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
    }
}
