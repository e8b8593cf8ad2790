namespace OrleansBatch.Processes.Cgroups;

/// <summary>A place in the kernel's tree of groups below which this program may make its own.</summary>
public abstract class CgroupSite
{
    private const int ClearRounds = 200;

    /// <summary>What all groups weigh together: four busy threads for each processor. So the scheduler stays awake beside whatever jobs do, and does not crowd them out.</summary>
    private protected static long SharesOfAll { get; } = 4 * 1024L * Environment.ProcessorCount;

    /// <summary>Which interface of the kernel it is: <c>cgroup v1</c> or <c>cgroup v2</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The directories that hold its groups.</summary>
    public abstract IReadOnlyList<string> Directories { get; }

    /// <summary>Makes a group.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public abstract Cgroup Make(string name);

    /// <summary>Takes the calling thread out of whatever group it has entered to start a program in it.</summary>
    public abstract OsError Leave();

    /// <summary>Takes all threads of this program out of the groups that they have entered: no more is started.</summary>
    public abstract void LeaveForGood();

    /// <summary>Removes the place. Nothing happens while there are groups or processes in it.</summary>
    public abstract void Remove();

    /// <summary>Finds a place and makes it.</summary>
    /// <param name="name">The name of the directory or directories that will hold the groups.</param>
    /// <param name="problem">Why there is none; null when there is.</param>
    public static CgroupSite? Find(string name, out string? problem) => Find(CgroupMounts.Read(), name, out problem);

    internal static CgroupSite? Find(CgroupMounts mounts, string name, out string? problem)
    {
        try
        {
            problem = null;
            if (CgroupV1Site.CanUse(mounts))
            {
                return CgroupV1Site.Make(mounts, name);
            }

            if (mounts.Unified is not null)
            {
                return CgroupV2Site.Make(mounts, name);
            }

            problem = "the kernel's control groups (cgroups) for memory, cpu and pids are not mounted";
            return null;
        }
        catch (IOException failure)
        {
            problem = $"{failure.Message}: run the scheduler as root, or in a group that was delegated to its user";
            return null;
        }
    }

    /// <summary>Kills everything in the groups below directories, and removes them: what a former program has left.</summary>
    /// <returns>False when some process would not go.</returns>
    public static bool Clear(IReadOnlyList<string> directories, TimeSpan patience)
    {
        var there = directories.Where(Directory.Exists).ToList();
        var groups = there.SelectMany(Below).ToList();
        foreach (var group in groups)
        {
            // Nobody is born from here on, so that every round finds fewer.
            _ = new KernelFile(Path.Combine(group, "pids.max")).TryWrite(0);
            _ = new KernelFile(Path.Combine(group, "cgroup.kill")).TryWrite("1"u8);
        }

        var lists = groups.Select(group => new KernelFile(Path.Combine(group, "cgroup.procs"))).ToList();
        var gone = false;
        for (var round = 0; round < ClearRounds && !gone; round++)
        {
            gone = !lists.Aggregate(false, (any, list) => KillMembers(list) | any);
            if (!gone)
            {
                Thread.Sleep(patience / ClearRounds);
            }
        }

        there.ForEach(directory => RemoveTree(directory));
        return gone;
    }

    /// <summary>Makes a directory, or takes one that is there.</summary>
    private protected static void MakeDirectory(string path)
    {
        if (Files.MakeDirectory(path) is { IsNone: false } error && error != OsError.AlreadyExists)
        {
            throw error.ToException(path);
        }
    }

    /// <summary>Removes a directory that holds no group and no process; its files are the kernel's.</summary>
    internal static bool RemoveDirectory(string path) => Libc.RemoveDirectory(path) == 0 || OsError.Last == OsError.NotFound;

    /// <summary>The members of a group and of all groups inside it; null when that cannot be found out now.</summary>
    internal static List<int>? MembersOfTree(string directory)
    {
        List<int> all = [];
        foreach (var group in (string[])[directory, .. Below(directory)])
        {
            if (new KernelFile(Path.Combine(group, "cgroup.procs")).ReadNumbers() is not { } members)
            {
                return null;
            }

            all.AddRange(members);
        }

        return all;
    }

    /// <summary>Removes a group with all that are inside it, the innermost first.</summary>
    internal static bool RemoveTree(string directory)
    {
        Below(directory).Reverse().ToList().ForEach(group => RemoveDirectory(group));
        return RemoveDirectory(directory);
    }

    /// <summary>All groups inside one, the outermost first.</summary>
    private static string[] Below(string directory)
    {
        try
        {
            return Directory.GetDirectories(directory, "*", SearchOption.AllDirectories);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool KillMembers(KernelFile processes)
    {
        var members = processes.ReadNumbers();
        foreach (var pid in members ?? [])
        {
            if (ProcessStatus.Read(pid) is { IsDead: false } status)
            {
                new ProcessIdentity(pid, status.StartTicks).Kill();
            }
        }

        return members is not { Count: 0 };
    }
}
