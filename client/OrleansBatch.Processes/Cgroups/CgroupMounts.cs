using System.Text;

namespace OrleansBatch.Processes.Cgroups;

/// <summary>Where the kernel's groups are mounted, and where in them this process is.</summary>
/// <param name="V1">By controller: the directory of this process' own group.</param>
/// <param name="Unified">The same in the unified hierarchy of v2; null when it is not mounted.</param>
/// <param name="UnifiedRoot">Where v2 is mounted.</param>
internal sealed record CgroupMounts(IReadOnlyDictionary<string, string> V1, string? Unified, string? UnifiedRoot)
{
    /// <summary>Reads them off <c>/proc</c>.</summary>
    public static CgroupMounts Read() =>
        Parse(Lines("/proc/self/mountinfo"), Lines("/proc/self/cgroup"));

    /// <summary>Puts the two lists together.</summary>
    public static CgroupMounts Parse(IEnumerable<string> mountInfo, IEnumerable<string> ownGroups)
    {
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in ownGroups)
        {
            // 4:memory:/path, 0::/path
            if (line.Split(':', 3) is [_, var controllers, var path])
            {
                foreach (var controller in controllers.Split(','))
                {
                    own[controller] = path;
                }
            }
        }

        var v1 = new Dictionary<string, string>(StringComparer.Ordinal);
        string? unified = null;
        string? root = null;
        foreach (var mount in mountInfo.Select(Mount.Parse).OfType<Mount>())
        {
            if (mount.Type == "cgroup2" && own.TryGetValue("", out var path))
            {
                (unified, root) = (mount.Locate(path), mount.Point);
            }
            else if (mount.Type == "cgroup")
            {
                foreach (var controller in mount.Options.Where(own.ContainsKey))
                {
                    v1[controller] = mount.Locate(own[controller]);
                }
            }
        }

        return new(v1, unified, root);
    }

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>One line of mountinfo: <c>36 25 0:30 /root /mount/point rw shared:1 - type source options</c>.</summary>
    private sealed record Mount(string Root, string Point, string Type, string[] Options)
    {
        public static Mount? Parse(string line)
        {
            var fields = line.Split(' ');
            var dash = Array.IndexOf(fields, "-");
            return dash < 6 || fields.Length < dash + 4
                ? null
                : new(Unescape(fields[3]), Unescape(fields[4]), fields[dash + 1], fields[dash + 3].Split(','));
        }

        /// <summary>The directory of a group: in a container the mount shows only a part of the tree.</summary>
        public string Locate(string path)
        {
            var below = Root != "/" && path.StartsWith(Root, StringComparison.Ordinal) ? path[Root.Length..] : path;
            return below is "" or "/" ? Point : Point + (below.StartsWith('/') ? below : "/" + below);
        }

        // Blanks and the like are written as \040.
        private static string Unescape(string text)
        {
            if (!text.Contains('\\', StringComparison.Ordinal))
            {
                return text;
            }

            var plain = new StringBuilder();
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '\\' && i + 3 < text.Length)
                {
                    plain.Append((char)Convert.ToInt32(text.Substring(i + 1, 3), 8));
                    i += 3;
                }
                else
                {
                    plain.Append(text[i]);
                }
            }

            return plain.ToString();
        }
    }
}
