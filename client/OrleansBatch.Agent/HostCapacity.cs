using System.Globalization;
using OrleansBatch.Model;

namespace OrleansBatch.Agent;

/// <summary>What this machine really has.</summary>
internal static class HostCapacity
{
    /// <summary>What is kept for the agent itself, as ECS does.</summary>
    private const int KeptMiB = 32;

    /// <summary>Processors and memory that jobs can get.</summary>
    public static ResourceNeeds Read() => new()
    {
        VcpuMillis = Environment.ProcessorCount * 1000L,
        MemoryMiB = MemoryMiB() - KeptMiB,
    };

    private static long MemoryMiB()
    {
        // "MemTotal:       24684284 kB"
        var line = File.ReadLines("/proc/meminfo").First(text => text.StartsWith("MemTotal:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
    }
}
