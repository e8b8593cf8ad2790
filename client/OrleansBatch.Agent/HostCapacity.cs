using System.Globalization;
using System.Text.RegularExpressions;
using OrleansBatch.Model;

namespace OrleansBatch.Agent;

/// <summary>What this machine really has.</summary>
internal static partial class HostCapacity
{
    /// <summary>What is kept for the agent itself, as ECS does.</summary>
    private const int KeptMiB = 32;

    /// <summary>Processors, memory and GPUs that jobs can get.</summary>
    /// <param name="gpus">How many GPUs; null: as many as there are NVIDIA devices.</param>
    /// <param name="devices">The folder of devices.</param>
    public static ResourceNeeds Read(int? gpus, string devices = "/dev") => new()
    {
        VcpuMillis = Environment.ProcessorCount * 1000L,
        MemoryMiB = MemoryMiB() - KeptMiB,
        Gpus = gpus ?? Math.Min(AgentOptions.MostGpus, GpusIn(devices)),
    };

    /// <summary>The driver makes a file for each: <c>nvidia0</c> and so on, beside <c>nvidiactl</c> and others.</summary>
    private static int GpusIn(string devices) => Directory.Exists(devices)
        ? Directory.EnumerateFiles(devices, "nvidia*").Count(path => Device().IsMatch(Path.GetFileName(path)))
        : 0;

    [GeneratedRegex(@"\Anvidia[0-9]+\z")]
    private static partial Regex Device();

    private static long MemoryMiB()
    {
        // "MemTotal:       24684284 kB"
        var line = File.ReadLines("/proc/meminfo").First(text => text.StartsWith("MemTotal:", StringComparison.Ordinal));
        var kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        return long.Parse(kibibytes, CultureInfo.InvariantCulture) / 1024;
    }
}
