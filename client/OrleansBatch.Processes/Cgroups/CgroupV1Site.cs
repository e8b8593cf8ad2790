namespace OrleansBatch.Processes.Cgroups;

/// <summary>The older interface of the kernel: a tree for each controller, or for a few of them.</summary>
internal sealed class CgroupV1Site : CgroupSite
{
    private const string Cpu = "cpu";
    private const string Accounting = "cpuacct";

    // Each keeps a few files open, and every start copies and closes what is open.
    private const int MostQuick = 16;

    private readonly string[] _directories;
    private readonly KernelFile[] _exits;
    private int _quick;

    private CgroupV1Site(string memory, string cpu, string pids, bool countsCpuTime)
    {
        _directories = [.. ((string[])[memory, cpu, pids]).Distinct()];
        CountsCpuTime = countsCpuTime;
        PidsDirectory = pids;
        foreach (var directory in _directories)
        {
            MakeDirectory(directory);
        }

        Memory = FileDescriptor.OpenPath(memory);
        Processors = FileDescriptor.OpenPath(cpu);
        Processes = FileDescriptor.OpenPath(pids);
        Trees = [.. _directories.Select(directory => directory == memory ? Memory : directory == cpu ? Processors : Processes)];
        _exits = [.. Trees.Select(tree => new KernelFile(tree, "tasks"))];
        Array.ForEach(_exits, exit => exit.KeepOpen());

        new KernelFile(Processors, "cpu.shares").Write(SharesOfAll);
    }

    /// <inheritdoc/>
    public override string Name => "cgroup v1";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Directories => _directories;

    /// <summary>Each tree that a process must be put into.</summary>
    public IReadOnlyList<FileDescriptor> Trees { get; }

    /// <summary>The tree that limits and counts memory.</summary>
    public FileDescriptor Memory { get; }

    /// <summary>The tree that shares processors out.</summary>
    public FileDescriptor Processors { get; }

    /// <summary>The tree that limits and lists processes.</summary>
    public FileDescriptor Processes { get; }

    /// <summary>Where the tree of processes is.</summary>
    public string PidsDirectory { get; }

    /// <summary>Whether that of the processors counts their time, too. A tree of its own for that is not worth entering.</summary>
    public bool CountsCpuTime { get; }

    /// <summary>Whether all that is needed is there in the older form.</summary>
    public static bool CanUse(CgroupMounts mounts) =>
        mounts.V1.ContainsKey("memory") && mounts.V1.ContainsKey(Cpu) && mounts.V1.ContainsKey("pids");

    /// <summary>Makes the place.</summary>
    /// <exception cref="IOException">It may not be made.</exception>
    public static CgroupV1Site Make(CgroupMounts mounts, string name)
    {
        string Below(string controller) => Path.Combine(mounts.V1[controller], name);
        return new(Below("memory"), Below(Cpu), Below("pids"), mounts.V1.GetValueOrDefault(Accounting) == mounts.V1[Cpu]);
    }

    /// <inheritdoc/>
    public override Cgroup Make(string name)
    {
        try
        {
            foreach (var directory in _directories)
            {
                MakeDirectory(Path.Combine(directory, name));
            }

            return new CgroupV1(this, name, isQuick: Interlocked.Increment(ref _quick) <= MostQuick);
        }
        catch (IOException)
        {
            foreach (var directory in _directories)
            {
                _ = RemoveDirectory(Path.Combine(directory, name));
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override OsError Leave()
    {
        CgroupV1.Left();
        foreach (var exit in _exits)
        {
            if (exit.TryWrite("0"u8) is { IsNone: false } error)
            {
                return error;
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public override void LeaveForGood()
    {
        foreach (var directory in _directories)
        {
            // Back to where the place was made.
            _ = new KernelFile(Path.Combine(Path.GetDirectoryName(directory)!, "cgroup.procs")).TryWrite(Environment.ProcessId);
        }
    }

    /// <inheritdoc/>
    public override void Remove()
    {
        foreach (var directory in _directories)
        {
            _ = RemoveDirectory(directory);
        }
    }
}
