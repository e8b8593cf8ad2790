namespace OrleansBatch.Processes.Cgroups;

/// <summary>A group of the unified interface. Serves one attempt: its counters cannot be set back on every kernel.</summary>
internal sealed class CgroupV2 : Cgroup
{
    private readonly string _directory;
    private readonly FileDescriptor _self;
    private readonly KernelFile _members;

    public CgroupV2(string directory)
    {
        _directory = directory;
        _self = FileDescriptor.OpenPath(directory);
        _members = KernelFile.Open(Path.Combine(directory, "cgroup.procs"), write: false);
    }

    /// <summary>The weight of v2 that stands for shares of v1, as container runtimes reckon it.</summary>
    public static long WeightOf(long shares) => 1 + ((Math.Clamp(shares, 2, 262_144) - 2) * 9_999 / 262_142);

    /// <inheritdoc/>
    public override void Begin(in CgroupLimits limits)
    {
        if (limits.MemoryBytes is { } memory)
        {
            Set("memory.max", memory);
            TrySet("memory.swap.max", limits.SwapBytes);
        }

        Set("cpu.weight", WeightOf(limits.CpuShares));
        if (limits.CpuQuotaMicroseconds is { } quota)
        {
            using var cap = KernelFile.Open(Path.Combine(_directory, "cpu.max"), write: true);
            cap.Write(System.Text.Encoding.ASCII.GetBytes($"{quota} {CgroupLimits.CpuPeriodMicroseconds}"));
        }

        if (limits.Processes is { } processes)
        {
            Set("pids.max", processes);
        }
    }

    /// <inheritdoc/>
    public override OsError Start(ProcessLauncher launcher, ProcessStart start, out int pid) =>
        ProcessLauncher.CanStartInCgroup
            ? launcher.Start(start with { Cgroup = _self.Number }, out pid)
            : StartThroughShell(launcher, start, out pid);

    /// <inheritdoc/>
    public override CgroupUsage Usage()
    {
        using var peak = KernelFile.TryOpen(Path.Combine(_directory, "memory.peak"), write: false);
        using var cpu = KernelFile.TryOpen(Path.Combine(_directory, "cpu.stat"), write: false);
        using var events = KernelFile.TryOpen(Path.Combine(_directory, "memory.events"), write: false);
        return new(peak?.ReadNumber(), cpu?.ReadNumber("usage_usec"u8), events?.ReadNumber("oom_kill"u8) > 0);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<int> Members() => _members.ReadNumbers();

    /// <inheritdoc/>
    public override bool IsClean => false;

    /// <inheritdoc/>
    public override bool TryClean() => false;

    /// <inheritdoc/>
    public override bool Remove()
    {
        Dispose();
        return CgroupSite.RemoveDirectory(_directory);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _self.Dispose();
        _members.Dispose();
    }

    /// <inheritdoc/>
    protected override void KillMembers(IReadOnlyList<int> members)
    {
        using var kill = KernelFile.TryOpen(Path.Combine(_directory, "cgroup.kill"), write: true);
        if (kill?.TryWrite("1"u8) is not { IsNone: true })
        {
            // Before Linux 5.14.
            TrySet("pids.max", 0);
            KillEach(members);
        }
    }

    /// <summary>C libraries before glibc 2.39 cannot start a process inside a group: a shell enters it and becomes the program.</summary>
    private OsError StartThroughShell(ProcessLauncher launcher, ProcessStart start, out int pid)
    {
        pid = 0;
        if (ProgramSearch.ProblemOf(start.Path) is { IsNone: false } problem)
        {
            return problem;
        }

        var command = start with
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", "echo 0 >\"$0\" && exec \"$@\"", Path.Combine(_directory, "cgroup.procs"), start.Path, .. start.Arguments.Skip(1)],
        };
        return launcher.Start(command, out pid);
    }

    private void Set(string file, long value)
    {
        using var kernelFile = KernelFile.Open(Path.Combine(_directory, file), write: true);
        kernelFile.Write(value);
    }

    private void TrySet(string file, long value)
    {
        using var kernelFile = KernelFile.TryOpen(Path.Combine(_directory, file), write: true);
        _ = kernelFile?.TryWrite(value);
    }
}
