using System.Text;

namespace OrleansBatch.Processes.Cgroups;

/// <summary>The unified interface of the kernel: one tree for all controllers.</summary>
internal sealed class CgroupV2Site : CgroupSite
{
    private const string Aside = "scheduler";
    private const string Control = "cgroup.subtree_control";

    private static readonly string[] Controllers = ["memory", "cpu", "pids"];

    private static ReadOnlySpan<byte> Wanted => "+memory +cpu +pids"u8;

    private CgroupV2Site(string directory) => Directories = [directory];

    /// <inheritdoc/>
    public override string Name => "cgroup v2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Directories { get; }

    /// <summary>Makes the place.</summary>
    /// <exception cref="IOException">It may not be made.</exception>
    public static CgroupV2Site Make(CgroupMounts mounts, string name)
    {
        var (parent, stepsAside) = ParentOf(mounts.Unified!, mounts.UnifiedRoot!, Environment.IsPrivilegedProcess);
        if (stepsAside && !HasControllers(parent))
        {
            StepAside(parent);
        }

        return At(parent, name);
    }

    /// <summary>Below which group the place is made, and whether the processes in that group must step aside first.</summary>
    /// <remarks>
    /// The kernel wants a group to hold processes or limited groups, not both. A service of systemd must not step aside: at its next
    /// start systemd could not put it back. It begins in a group of its own inside its unit's (DelegateSubgroup), or, as root, leaves its jobs to the top.
    /// </remarks>
    /// <exception cref="IOException">There is no such group.</exception>
    internal static (string Parent, bool StepsAside) ParentOf(string own, string root, bool isPrivileged)
    {
        if (own != root && Path.GetFileName(own) == Aside)
        {
            return (Path.GetDirectoryName(own)!, false);
        }

        if (own != root && isPrivileged)
        {
            return (root, false);
        }

        return own.EndsWith(".service", StringComparison.Ordinal)
            ? throw new IOException($"{own} is a unit of systemd without a subgroup for the scheduler (Delegate=yes and DelegateSubgroup={Aside}, systemd 254)")
            : (own, true);
    }

    /// <inheritdoc/>
    public override Cgroup Make(string name)
    {
        var directory = Path.Combine(Directories[0], name);
        MakeDirectory(directory);
        return new CgroupV2(directory);
    }

    /// <inheritdoc/>
    public override OsError Leave() => default; // Nobody enters: a process is started straight into its group.

    /// <inheritdoc/>
    public override void LeaveForGood()
    {
    }

    /// <inheritdoc/>
    public override void Remove() => _ = RemoveDirectory(Directories[0]);

    private static void StepAside(string own)
    {
        if (new KernelFile(Path.Combine(own, Control)).TryWrite(Wanted).IsNone)
        {
            // The top of the whole tree may hold both.
            return;
        }

        var members = new KernelFile(Path.Combine(own, "cgroup.procs")).ReadNumbers() ?? throw new IOException($"{own} cannot be read");
        if (!members.TrueForAll(IsOursOrAbove))
        {
            throw new IOException($"{own} holds other processes");
        }

        var aside = Path.Combine(own, Aside);
        MakeDirectory(aside);
        var door = new KernelFile(Path.Combine(aside, "cgroup.procs"));
        foreach (var pid in members)
        {
            // One that has ended meanwhile need not go.
            if (door.TryWrite(pid) is { IsNone: false } error && error != OsError.NoProcess)
            {
                throw error.ToException(aside);
            }
        }
    }

    private static CgroupV2Site At(string parent, string name)
    {
        if (!HasControllers(parent))
        {
            Enable(parent);
        }

        var directory = Path.Combine(parent, name);
        MakeDirectory(directory);
        Enable(directory);
        _ = new KernelFile(Path.Combine(directory, "cpu.weight")).TryWrite(CgroupV2.WeightOf(SharesOfAll));
        return new(directory);
    }

    private static void Enable(string directory) =>
        new KernelFile(Path.Combine(directory, Control)).Write(Wanted);

    private static bool HasControllers(string directory)
    {
        Span<byte> buffer = stackalloc byte[512];
        var have = Encoding.ASCII.GetString(new KernelFile(Path.Combine(directory, Control)).Read(buffer)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return Controllers.All(controller => have.Contains(controller));
    }

    private static bool IsOursOrAbove(int pid)
    {
        for (var ancestor = Environment.ProcessId; ancestor >= 1; ancestor = ProcessStatus.Read(ancestor)?.Parent ?? 0)
        {
            if (ancestor == pid)
            {
                return true;
            }
        }

        return false;
    }
}
