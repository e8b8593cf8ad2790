namespace OrleansBatch.Processes.Cgroups;

/// <summary>The older interface of the kernel: a tree for each controller, or for a few of them.</summary>
internal sealed class CgroupV1Site : CgroupSite
{
    private const string Memory = "memory";
    private const string Cpu = "cpu";
    private const string Accounting = "cpuacct";
    private const string Pids = "pids";

    private readonly KernelFile[] _exits;

    private CgroupV1Site(string memory, string cpu, string accounting, string pids)
    {
        (MemoryDirectory, CpuDirectory, AccountingDirectory, PidsDirectory) = (memory, cpu, accounting, pids);
        Directories = [.. ((string[])[memory, cpu, accounting, pids]).Distinct()];
        foreach (var directory in Directories)
        {
            MakeDirectory(directory);
        }

        _exits = [.. Directories.Select(directory => KernelFile.Open(Path.Combine(directory, "tasks"), write: true))];

        // All jobs together weigh what as many busy threads weigh as there are processors: the scheduler stays awake beside them.
        using var shares = KernelFile.Open(Path.Combine(cpu, "cpu.shares"), write: true);
        shares.Write(1024L * Environment.ProcessorCount);
    }

    /// <inheritdoc/>
    public override string Name => "cgroup v1";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Directories { get; }

    public string MemoryDirectory { get; }

    public string CpuDirectory { get; }

    public string AccountingDirectory { get; }

    public string PidsDirectory { get; }

    /// <summary>Whether all that is needed is there in the older form.</summary>
    public static bool CanUse(CgroupMounts mounts) =>
        mounts.V1.ContainsKey(Memory) && mounts.V1.ContainsKey(Cpu) && mounts.V1.ContainsKey(Pids) && mounts.V1.ContainsKey(Accounting);

    /// <summary>Makes the place.</summary>
    /// <exception cref="IOException">It may not be made.</exception>
    public static CgroupV1Site Make(CgroupMounts mounts, string name)
    {
        string Below(string controller) => Path.Combine(mounts.V1[controller], name);
        return new(Below(Memory), Below(Cpu), Below(Accounting), Below(Pids));
    }

    /// <inheritdoc/>
    public override Cgroup Make(string name)
    {
        foreach (var directory in Directories)
        {
            MakeDirectory(Path.Combine(directory, name));
        }

        return new CgroupV1(this, name);
    }

    /// <inheritdoc/>
    public override void Leave()
    {
        foreach (var exit in _exits)
        {
            _ = exit.TryWrite("0"u8);
        }
    }

    /// <inheritdoc/>
    public override void Remove()
    {
        foreach (var directory in Directories)
        {
            _ = RemoveDirectory(directory);
        }
    }
}
