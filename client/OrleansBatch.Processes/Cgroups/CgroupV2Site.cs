using System.Text;

namespace OrleansBatch.Processes.Cgroups;

/// <summary>The unified interface of the kernel: one tree for all controllers.</summary>
internal sealed class CgroupV2Site : CgroupSite
{
    private static readonly string[] Controllers = ["memory", "cpu", "pids"];

    private CgroupV2Site(string directory) => Directories = [directory];

    /// <inheritdoc/>
    public override string Name => "cgroup v2";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Directories { get; }

    /// <summary>Makes the place: below this process' own group where it was delegated to us, else, as root, at the top.</summary>
    /// <exception cref="IOException">Nowhere.</exception>
    public static CgroupV2Site Make(CgroupMounts mounts, string name)
    {
        var own = mounts.Unified!;
        try
        {
            return own == mounts.UnifiedRoot ? At(own, name) : Below(own, name);
        }
        catch (IOException) when (Environment.IsPrivilegedProcess && own != mounts.UnifiedRoot)
        {
            return At(mounts.UnifiedRoot!, name);
        }
    }

    /// <inheritdoc/>
    public override Cgroup Make(string name)
    {
        var directory = Path.Combine(Directories[0], name);
        MakeDirectory(directory);
        return new CgroupV2(directory);
    }

    /// <inheritdoc/>
    public override void Leave()
    {
        // Nobody enters: a process is started straight into its group.
    }

    /// <inheritdoc/>
    public override void Remove() => _ = RemoveDirectory(Directories[0]);

    /// <summary>In our own group. The kernel wants a group to hold processes or groups, so we and our ancestors in it step aside first.</summary>
    private static CgroupV2Site Below(string own, string name)
    {
        if (!HasControllers(Path.Combine(own, "cgroup.subtree_control")))
        {
            var members = new KernelFile(Path.Combine(own, "cgroup.procs")).ReadNumbers();
            if (!members.TrueForAll(IsOursOrAbove))
            {
                throw new IOException($"{own} holds other processes");
            }

            var aside = Path.Combine(own, "scheduler");
            MakeDirectory(aside);
            var door = new KernelFile(Path.Combine(aside, "cgroup.procs"));
            members.ForEach(pid => door.Write(pid));
            Enable(own);
        }

        return At(own, name);
    }

    private static CgroupV2Site At(string parent, string name)
    {
        if (!HasControllers(Path.Combine(parent, "cgroup.subtree_control")))
        {
            Enable(parent);
        }

        var directory = Path.Combine(parent, name);
        MakeDirectory(directory);
        Enable(directory);
        _ = new KernelFile(Path.Combine(directory, "cpu.weight")).TryWrite(CgroupV2.WeightOf(1024L * Environment.ProcessorCount));
        return new(directory);
    }

    private static void Enable(string directory) =>
        new KernelFile(Path.Combine(directory, "cgroup.subtree_control")).Write("+memory +cpu +pids"u8);

    private static bool HasControllers(string file)
    {
        Span<byte> buffer = stackalloc byte[512];
        var have = Encoding.ASCII.GetString(new KernelFile(file).Read(buffer)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        return Controllers.All(controller => have.Contains(controller));
    }

    private static bool IsOursOrAbove(int pid)
    {
        for (var ancestor = Environment.ProcessId; ancestor > 1; ancestor = ProcessStatus.Read(ancestor)?.Parent ?? 0)
        {
            if (ancestor == pid)
            {
                return true;
            }
        }

        return false;
    }
}
