namespace OrleansBatch.Processes.Cgroups;

/// <summary>One group of processes that the kernel limits, counts and can name: those that one attempt started, whatever they do to hide.</summary>
/// <remarks>Used by one thread at a time.</remarks>
public abstract class Cgroup
{
    // Each is held by a descriptor while it is looked at, and others need some, too.
    private const int KilledAtOnce = 64;

    /// <summary>Makes an empty group ready for an attempt: its limits are set and it counts from nothing.</summary>
    /// <exception cref="IOException">The kernel refuses a limit.</exception>
    public abstract void Begin(in CgroupLimits limits);

    /// <summary>Starts a program whose first process is in the group from its first moment.</summary>
    public abstract OsError Start(ProcessLauncher launcher, ProcessStart start, out int pid);

    /// <summary>What has been used since <see cref="Begin"/>. Asked once, when the attempt is over.</summary>
    public abstract CgroupUsage TakeUsage();

    /// <summary>The processes in it, and in groups that they made inside it, that are not this one, which a starting thread of ours may have brought in.</summary>
    /// <returns>Null when that cannot be found out now.</returns>
    public abstract IReadOnlyList<int>? Members();

    /// <summary>Whether to begin in it costs less than in others: such are to be used first.</summary>
    public virtual bool IsQuick => false;

    /// <summary>Whether it may serve another attempt as it is, now that it is empty. Cheap.</summary>
    public abstract bool IsClean { get; }

    /// <summary>Makes it clean, which can take long.</summary>
    /// <returns>False when that cannot be done.</returns>
    public abstract bool TryClean();

    /// <summary>SIGKILL to all in it. They are not gone yet when this returns.</summary>
    /// <returns>False when there was none for sure.</returns>
    public bool Kill()
    {
        var members = Members();
        if (members is { Count: > 0 })
        {
            KillMembers(members);
        }

        return members is not { Count: 0 };
    }

    /// <summary>Takes the group out of the kernel. Nothing happens while processes are in it.</summary>
    /// <returns>Whether it is gone.</returns>
    public abstract bool Remove();

    /// <summary>SIGKILL to these and to whatever they start meanwhile, as far as the kernel offers it.</summary>
    protected abstract void KillMembers(IReadOnlyList<int> members);

    /// <summary>SIGKILL to those that still are members once they are held: a number can have gone to another process since.</summary>
    protected void KillEach(IReadOnlyList<int> members)
    {
        foreach (var some in members.Chunk(KilledAtOnce))
        {
            KillSome(some);
        }
    }

    private void KillSome(int[] members)
    {
        List<(int Pid, int Descriptor)> held = [];
        foreach (var pid in members)
        {
            if (Libc.PidfdOpen(pid) is >= 0 and var descriptor)
            {
                held.Add((pid, descriptor));
            }
        }

        var still = (Members() ?? []).ToHashSet();
        foreach (var (pid, descriptor) in held)
        {
            if (still.Contains(pid))
            {
                _ = Libc.PidfdSendSignal(descriptor, ProcessSignal.Kill);
            }

            _ = Libc.Close(descriptor);
        }
    }
}
