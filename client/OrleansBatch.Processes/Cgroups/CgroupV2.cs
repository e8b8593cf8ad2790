namespace OrleansBatch.Processes.Cgroups;

/// <summary>A group of the unified interface. Serves one attempt: its counters cannot be set back on every kernel.</summary>
internal sealed class CgroupV2 : Cgroup
{
    private readonly string _directory;
    private readonly FileDescriptor _self;

    public CgroupV2(string directory)
    {
        _directory = directory;
        _self = FileDescriptor.OpenPath(directory);
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
            In("cpu.max").Write(System.Text.Encoding.ASCII.GetBytes($"{quota} {CgroupLimits.CpuPeriodMicroseconds}"));
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
    public override CgroupUsage TakeUsage() => new(
        In("memory.peak").ReadNumber(),
        In("cpu.stat").ReadNumber("usage_usec"u8),
        In("memory.events").ReadNumber("oom_kill"u8) > 0);

    /// <inheritdoc/>
    public override IReadOnlyList<int>? Members()
    {
        var members = In("cgroup.procs").ReadNumbers();
        return members is { Count: 0 } && In("cgroup.events").ReadNumber("populated"u8) == 1
            ? CgroupSite.MembersOfTree(_directory)
            : members;
    }

    /// <inheritdoc/>
    public override bool IsClean => false;

    /// <inheritdoc/>
    public override bool TryClean() => false;

    /// <inheritdoc/>
    public override bool Remove()
    {
        _self.Dispose();
        return CgroupSite.RemoveTree(_directory);
    }

    /// <inheritdoc/>
    protected override void KillMembers(IReadOnlyList<int> members)
    {
        if (!In("cgroup.kill").TryWrite("1"u8).IsNone)
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
            Arguments =
            [
                // A shell hands on no variable whose name it could not have given itself: env puts all of them back.
                "sh", "-c", "echo 0 >\"$0\" && exec /usr/bin/env -i \"$@\"", Path.Combine(_directory, "cgroup.procs"),
                .. start.Environment, start.Path, .. start.Arguments.Skip(1),
            ],
        };
        return launcher.Start(command, out pid);
    }

    private void Set(string file, long value) => In(file).Write(value);

    private void TrySet(string file, long value) => _ = In(file).TryWrite(value);

    private KernelFile In(string file) => new(Path.Combine(_directory, file));
}
