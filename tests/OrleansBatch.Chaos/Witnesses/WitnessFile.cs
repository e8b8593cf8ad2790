using System.Globalization;
using System.Text;
using OrleansBatch.Chaos.Checker.History;

namespace OrleansBatch.Chaos.Witnesses;

/// <summary>The file into which the jobs of one node write their starts and ends: read on from where the last look ended.</summary>
internal sealed class WitnessFile(string node, string folder)
{
    private readonly string _path = Path.Combine(folder, "witness", "lives");
    private long _read;

    /// <summary>What has been written since the last look.</summary>
    public IReadOnlyList<Entry> Read()
    {
        if (!File.Exists(_path))
        {
            return [];
        }

        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        file.Position = _read;
        var bytes = new byte[file.Length - _read];
        file.ReadExactly(bytes);
        // What has no end of line yet is being written, or never will be.
        var whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _read += whole;
        return [.. Encoding.UTF8.GetString(bytes, 0, whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Parse(node, line))];
    }

    /// <summary>What a line says.</summary>
    internal static Entry Parse(string node, string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is [var kind, var jobId, var attempt, var pid, var up, ..]
            && int.TryParse(attempt, CultureInfo.InvariantCulture, out var number)
            && int.TryParse(pid, CultureInfo.InvariantCulture, out var process)
            && decimal.TryParse(up, CultureInfo.InvariantCulture, out var seconds))
        {
            var at = (long)(seconds * 1_000_000_000);
            switch (kind)
            {
                case "start" when words.Length == 5:
                    return new ProcessStarted { At = at, JobId = jobId, Attempt = number, Node = node, Pid = process };
                case "end" when words.Length == 6 && int.TryParse(words[5], CultureInfo.InvariantCulture, out var code):
                    return new ProcessEnded { At = at, JobId = jobId, Attempt = number, Node = node, Pid = process, ExitCode = code };
            }
        }

        return new UnreadableLine { At = 0, Node = node, Text = line };
    }
}
