namespace OrleansBatch.Processes.Cgroups;

/// <summary>A group of the older interface. The starting thread enters it, and what it starts is born in it.</summary>
/// <remarks>
/// Only a thread that moves <em>itself</em> (by writing 0) does so without stopping every fork of the machine for a moment: seven
/// microseconds instead of milliseconds.
/// </remarks>
internal sealed class CgroupV1 : Cgroup
{
    // What a former attempt has left in the group's page cache counts for the next: beyond this it is thrown out first.
    private const long MostInherited = 1024 * 1024;
    private const long Unlimited = -1;

    private readonly CgroupV1Site _site;
    private readonly string _name;
    private readonly KernelFile[] _entrances;
    private readonly KernelFile _count;
    private readonly KernelFile _memoryUsage;
    private readonly KernelFile _memoryPeak;
    private readonly KernelFile _outOfMemory;
    private readonly KernelFile _cpuTime;
    private CgroupLimits? _limits;
    private long _killsBefore;

    public CgroupV1(CgroupV1Site site, string name)
    {
        _site = site;
        _name = name;
        _entrances = [.. site.Directories.Select(directory => KernelFile.Open(Path.Combine(directory, name, "tasks"), write: true))];
        _count = KernelFile.Open(Path.Combine(site.PidsDirectory, name, "pids.current"), write: false);
        _memoryUsage = KernelFile.Open(InMemory("memory.usage_in_bytes"), write: false);
        _memoryPeak = KernelFile.Open(InMemory("memory.max_usage_in_bytes"), write: true);
        _outOfMemory = KernelFile.Open(InMemory("memory.oom_control"), write: false);
        _cpuTime = KernelFile.Open(Path.Combine(site.AccountingDirectory, name, "cpuacct.usage"), write: true);
    }

    /// <inheritdoc/>
    public override void Begin(in CgroupLimits limits)
    {
        if (_limits != limits)
        {
            var before = _limits;
            _limits = null;
            SetMemory(before, limits);
            Set(_site.CpuDirectory, "cpu.shares", Math.Max(2, limits.CpuShares));
            TrySet(_site.CpuDirectory, "cpu.cfs_quota_us", limits.CpuQuotaMicroseconds ?? Unlimited);
            SetProcesses(limits.Processes);
            _limits = limits;
        }

        _ = _cpuTime.TryWrite("0"u8);
        _ = _memoryPeak.TryWrite("0"u8);
        _killsBefore = Kills();
    }

    /// <inheritdoc/>
    public override OsError Start(ProcessLauncher launcher, ProcessStart start, out int pid)
    {
        foreach (var entrance in _entrances)
        {
            if (entrance.TryWrite("0"u8) is { IsNone: false } error)
            {
                pid = 0;
                return error;
            }
        }

        return launcher.Start(start, out pid);
    }

    /// <inheritdoc/>
    public override CgroupUsage Usage() => new(_memoryPeak.ReadNumber(), _cpuTime.ReadNumber() / 1000, Kills() > _killsBefore);

    /// <inheritdoc/>
    public override IReadOnlyList<int> Members()
    {
        if (_count.ReadNumber() == 0)
        {
            return [];
        }

        // Opened anew: from a file that stays open the kernel gives a list that it made up to a second ago.
        using var file = KernelFile.TryOpen(Path.Combine(_site.PidsDirectory, _name, "cgroup.procs"), write: false);
        var members = file?.ReadNumbers() ?? [];
        _ = members.Remove(Environment.ProcessId);
        return members;
    }

    /// <inheritdoc/>
    public override bool IsClean => _memoryUsage.ReadNumber() <= MostInherited;

    /// <inheritdoc/>
    public override bool TryClean()
    {
        using var empty = KernelFile.TryOpen(InMemory("memory.force_empty"), write: true);
        _ = empty?.TryWrite("0"u8);
        return IsClean;
    }

    /// <inheritdoc/>
    public override bool Remove()
    {
        Dispose();
        var gone = true;
        foreach (var directory in _site.Directories)
        {
            gone &= CgroupSite.RemoveDirectory(Path.Combine(directory, _name));
        }

        return gone;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        foreach (var file in (KernelFile[])[.. _entrances, _count, _memoryUsage, _memoryPeak, _outOfMemory, _cpuTime])
        {
            file.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void KillMembers(IReadOnlyList<int> members)
    {
        // Nobody is born from here on, so that every round finds fewer.
        TrySet(_site.PidsDirectory, "pids.max", 0);
        _limits = null;
        KillEach(members);
    }

    private void SetMemory(CgroupLimits? before, in CgroupLimits limits)
    {
        var memory = limits.MemoryBytes ?? Unlimited;
        var both = memory == Unlimited ? Unlimited : memory + limits.SwapBytes;

        // The limit of both may never be the smaller one. Machines that do not count swap have no file for it.
        var grows = before?.MemoryBytes is { } former && (memory == Unlimited || memory > former);
        if (grows || before is null)
        {
            TrySet(_site.MemoryDirectory, "memory.memsw.limit_in_bytes", before is null ? Unlimited : both);
        }

        Set(_site.MemoryDirectory, "memory.limit_in_bytes", memory);
        TrySet(_site.MemoryDirectory, "memory.memsw.limit_in_bytes", both);
    }

    private void SetProcesses(long? most)
    {
        using var file = KernelFile.Open(Path.Combine(_site.PidsDirectory, _name, "pids.max"), write: true);
        if (most is { } number)
        {
            file.Write(number);
        }
        else
        {
            file.Write("max"u8);
        }
    }

    private void Set(string directory, string file, long value)
    {
        using var kernelFile = KernelFile.Open(Path.Combine(directory, _name, file), write: true);
        kernelFile.Write(value);
    }

    private void TrySet(string directory, string file, long value)
    {
        using var kernelFile = KernelFile.TryOpen(Path.Combine(directory, _name, file), write: true);
        _ = kernelFile?.TryWrite(value);
    }

    private long Kills() => _outOfMemory.ReadNumber("oom_kill"u8) ?? 0;

    private string InMemory(string file) => Path.Combine(_site.MemoryDirectory, _name, file);
}
