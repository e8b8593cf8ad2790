namespace OrleansBatch.Processes.Cgroups;

/// <summary>A group of the older interface. The starting thread enters it, and what it starts is born in it.</summary>
/// <remarks>
/// Only a thread that moves <em>itself</em> (by writing 0) does so without stopping every fork of the machine for a moment: seven
/// microseconds instead of milliseconds. It stays until it starts something in another group, for to leave costs as much as to enter.
/// </remarks>
internal sealed class CgroupV1 : Cgroup
{
    // What a former attempt has left in the group's page cache counts for the next: beyond this it is thrown out first.
    private const long MostInherited = 1024 * 1024;

    // Starting threads that may be in it beside the job.
    private const long MostVisitors = 2;

    private const long FullShares = 1024;
    private const long Unlimited = -1;

    /// <summary>The group that this thread is in.</summary>
    [ThreadStatic]
    private static CgroupV1? _entered;

    private readonly CgroupV1Site _site;
    private readonly string _name;
    private readonly KernelFile[] _entrances;
    private readonly KernelFile[] _often;
    private readonly KernelFile _count;
    private readonly KernelFile _memoryUsage;
    private readonly KernelFile _memoryPeak;
    private readonly KernelFile _outOfMemory;
    private readonly KernelFile? _cpuTime;
    private CgroupLimits? _limits;
    private int _visitors;
    private long _kills;
    private long? _peak;

    public CgroupV1(CgroupV1Site site, string name, bool isQuick)
    {
        _site = site;
        _name = name;
        _entrances = [.. site.Trees.Select(tree => In(tree, "tasks"))];
        _count = In(site.Processes, "pids.current");
        _memoryUsage = In(site.Memory, "memory.usage_in_bytes");
        _memoryPeak = In(site.Memory, "memory.max_usage_in_bytes");
        _outOfMemory = In(site.Memory, "memory.oom_control");
        _often = isQuick ? [.. _entrances, _count, _memoryPeak, _outOfMemory] : [];
        Array.ForEach(_often, file => file.KeepOpen());
        _cpuTime = site.CountsCpuTime ? In(site.Processors, "cpuacct.usage") : null;
    }

    /// <inheritdoc/>
    public override bool IsQuick => _often.Length > 0;

    /// <inheritdoc/>
    public override bool IsClean =>
        _peak <= MostInherited
        || (_memoryUsage.ReadNumber() <= MostInherited
            && In(_site.Memory, "memory.memsw.usage_in_bytes").ReadNumber() is null or <= MostInherited);

    /// <inheritdoc/>
    public override void Begin(in CgroupLimits limits)
    {
        _peak = null;
        if (_limits == limits)
        {
            return;
        }

        var before = _limits;
        _limits = null;
        SetMemory(before, limits);
        In(_site.Processors, "cpu.shares").Write(Math.Max(2, limits.CpuShares));
        SetQuota(limits.CpuQuotaMicroseconds ?? Unlimited);
        SetProcesses(limits.Processes);
        _limits = limits;
    }

    /// <inheritdoc/>
    public override OsError Start(ProcessLauncher launcher, ProcessStart start, out int pid)
    {
        if (_entered != this && Enter() is { IsNone: false } error)
        {
            pid = 0;
            return error;
        }

        var result = launcher.Start(start, out pid);
        if (_limits is { CpuQuotaMicroseconds: not null } or { CpuShares: < FullShares })
        {
            // Who stays would be held back with the job, also while it holds what others wait for.
            _ = _site.Leave();
        }

        return result;
    }

    /// <summary>This thread is about to leave the group that it is in.</summary>
    public static void Left()
    {
        if (_entered is { } entered)
        {
            _ = Interlocked.Decrement(ref entered._visitors);
            _entered = null;
        }
    }

    /// <inheritdoc/>
    public override CgroupUsage TakeUsage()
    {
        _peak = _memoryPeak.TakeNumber();
        return new(_peak, _cpuTime?.TakeNumber() / 1000, IsOutOfMemory());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Members()
    {
        // The count first: a visitor may leave between the two, and none comes while an attempt is in it.
        var count = _count.ReadNumber();
        if (count is not null && count <= Volatile.Read(ref _visitors))
        {
            return [];
        }

        var members = In(_site.Processes, "cgroup.procs").ReadNumbers();
        _ = members?.Remove(Environment.ProcessId);
        if (members is not { Count: 0 })
        {
            return members;
        }

        // A visitor that is about to be counted, or groups that the job has made inside its own.
        members = CgroupSite.MembersOfTree(Path.Combine(_site.PidsDirectory, _name));
        _ = members?.Remove(Environment.ProcessId);
        return members;
    }

    /// <inheritdoc/>
    public override bool TryClean()
    {
        TrySet(_site.Memory, "memory.force_empty", 0);
        _ = _memoryPeak.TakeNumber();
        _peak = null;
        return IsClean;
    }

    /// <inheritdoc/>
    public override bool Remove()
    {
        Array.ForEach(_often, file => file.Close());
        var gone = true;
        foreach (var directory in _site.Directories)
        {
            gone &= CgroupSite.RemoveTree(Path.Combine(directory, _name));
        }

        return gone;
    }

    /// <inheritdoc/>
    protected override void KillMembers(IReadOnlyList<int> members)
    {
        // Nobody is born from here on, so that every round finds fewer.
        TrySet(_site.Processes, "pids.max", 0);
        _limits = null;
        KillEach(members);
    }

    private OsError Enter()
    {
        Left();
        foreach (var entrance in _entrances)
        {
            if (entrance.TryWrite("0"u8) is { IsNone: false } error)
            {
                return error;
            }
        }

        _entered = this;
        _ = Interlocked.Increment(ref _visitors);
        return default;
    }

    /// <summary>Kills that were ordered from above count as well: an ancestor's limit, or the whole machine's memory.</summary>
    private bool IsOutOfMemory()
    {
        var before = _kills;
        _kills = _outOfMemory.ReadNumber("oom_kill"u8) ?? before;
        return _kills > before;
    }

    /// <summary>More than an ancestor has is refused; the ancestor then caps anyway.</summary>
    private void SetQuota(long quota)
    {
        var file = In(_site.Processors, "cpu.cfs_quota_us");
        if (!file.TryWrite(quota).IsNone)
        {
            _ = file.TryWrite(Unlimited);
        }
    }

    private void SetSwap(long both)
    {
        // Machines that do not count swap have no file for it.
        var file = In(_site.Memory, "memory.memsw.limit_in_bytes");
        if (file.TryWrite(both) is { IsNone: false } error && error != OsError.NotFound)
        {
            file.Write(both);
        }
    }

    private void SetMemory(CgroupLimits? before, in CgroupLimits limits)
    {
        var memory = limits.MemoryBytes ?? Unlimited;
        var both = memory == Unlimited ? Unlimited : memory + limits.SwapBytes;

        // The limit of both may never be the smaller one.
        var grows = before?.MemoryBytes is { } former && (memory == Unlimited || memory > former);
        if (grows || before is null)
        {
            SetSwap(before is null ? Unlimited : both);
        }

        In(_site.Memory, "memory.limit_in_bytes").Write(memory);
        SetSwap(both);
    }

    private void SetProcesses(long? most)
    {
        var file = In(_site.Processes, "pids.max");
        if (most is { } number)
        {
            file.Write(number + MostVisitors);
        }
        else
        {
            file.Write("max"u8);
        }
    }

    private void TrySet(FileDescriptor tree, string file, long value) => _ = In(tree, file).TryWrite(value);

    private KernelFile In(FileDescriptor tree, string file) => new(tree, $"{_name}/{file}");
}
