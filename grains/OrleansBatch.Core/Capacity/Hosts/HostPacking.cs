using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity.Hosts;

/// <summary>Finds the host on which a job leaves the least unused.</summary>
/// <remarks>
/// Of the hosts with room for vCPUs, memory and GPUs at once: one without GPUs for a job that needs none, if there is any; then the one with the fewest
/// GPUs free, then vCPUs, then memory, then the one that was added first. The work for a job grows with the logarithm of the number
/// of hosts, whatever they hold: they stand in trees, one for each number of free GPUs, in the order of what is free, and each branch
/// knows the most memory in it. A packing belongs to one owner: it is not safe for several threads.
/// Source: AWS Batch user guide, "Compute environments": a job is placed where vCPU, memory and GPU fit.
/// </remarks>
public sealed class HostPacking
{
    private readonly Dictionary<string, Slot> _slots = new(StringComparer.Ordinal);

    // By the number of free GPUs: hosts that have GPUs. Beside it, the hosts that have none.
    private readonly List<Slot?> _withGpus = [];
    private Slot? _withoutGpus;
    private long _added;

    /// <summary>How many hosts there are.</summary>
    public int Count => _slots.Count;

    /// <summary>A host that takes jobs from now on.</summary>
    /// <param name="hostId">Not yet in here.</param>
    /// <param name="free">What is left of it; may be below zero.</param>
    /// <param name="hasGpus">Whether it has any, free or not.</param>
    public void Add(string hostId, ResourceNeeds free, bool hasGpus)
    {
        var slot = new Slot(hostId, hasGpus, ++_added) { Free = free };
        _slots.Add(hostId, slot);
        Insert(slot);
    }

    /// <summary>A host that takes no more jobs. False when it is not in here.</summary>
    public bool Remove(string hostId)
    {
        if (!_slots.Remove(hostId, out var slot))
        {
            return false;
        }

        Delete(slot);
        return true;
    }

    /// <summary>What is left of a host; null when it is not in here.</summary>
    public ResourceNeeds? FreeOf(string hostId) => _slots.TryGetValue(hostId, out var slot) ? slot.Free : null;

    /// <summary>The best host for a job; null when it fits on none. Nothing is taken.</summary>
    public string? Find(ResourceNeeds needs) => Best(needs)?.HostId;

    /// <summary>Takes a job's needs from the best host; null when it fits on none.</summary>
    public string? Place(ResourceNeeds needs) => PlaceMany(needs, 1)?.HostId;

    /// <summary>Takes the needs of as many equal jobs as fit from the host that is best for the first of them: it stays the best for the next.</summary>
    /// <param name="needs">Of each.</param>
    /// <param name="count">At most so many, at least 1.</param>
    /// <returns>The host, and how many it took; null when they fit on none.</returns>
    public (string HostId, int Count)? PlaceMany(ResourceNeeds needs, int count)
    {
        if (Best(needs) is not { } slot)
        {
            return null;
        }

        var fit = (int)Math.Min(count, Fits(slot.Free, needs));
        Change(slot, slot.Free - Times(needs, fit));
        return (slot.HostId, fit);
    }

    /// <summary>Takes from this host, whether it fits or not. Nothing happens when it is not in here.</summary>
    public void Take(string hostId, ResourceNeeds needs)
    {
        if (_slots.TryGetValue(hostId, out var slot))
        {
            Change(slot, slot.Free - needs);
        }
    }

    /// <summary>Gives back to this host. Nothing happens when it is not in here.</summary>
    public void Give(string hostId, ResourceNeeds needs)
    {
        if (_slots.TryGetValue(hostId, out var slot))
        {
            Change(slot, slot.Free + needs);
        }
    }

    /// <summary>How many equal jobs fit into what is free.</summary>
    /// <param name="free">What is free.</param>
    /// <param name="needs">Of each; what needs nothing fits as often as one likes.</param>
    public static long Fits(ResourceNeeds free, ResourceNeeds needs)
    {
        if (!free.Covers(needs))
        {
            return 0;
        }

        var most = long.MaxValue;
        most = needs.VcpuMillis > 0 ? Math.Min(most, free.VcpuMillis / needs.VcpuMillis) : most;
        most = needs.MemoryMiB > 0 ? Math.Min(most, free.MemoryMiB / needs.MemoryMiB) : most;
        return needs.Gpus > 0 ? Math.Min(most, free.Gpus / needs.Gpus) : most;
    }

    /// <summary>The needs of several equal jobs.</summary>
    public static ResourceNeeds Times(ResourceNeeds needs, int count) => new()
    {
        VcpuMillis = needs.VcpuMillis * count,
        MemoryMiB = needs.MemoryMiB * count,
        Gpus = needs.Gpus * count,
    };

    private Slot? Best(ResourceNeeds needs)
    {
        if (needs.Gpus == 0 && First(_withoutGpus, needs.VcpuMillis, needs.MemoryMiB) is { } without)
        {
            return without;
        }

        for (var gpus = Math.Max(0, needs.Gpus); gpus < _withGpus.Count; gpus++)
        {
            if (First(_withGpus[gpus], needs.VcpuMillis, needs.MemoryMiB) is { } with)
            {
                return with;
            }
        }

        return null;
    }

    private void Change(Slot slot, ResourceNeeds free)
    {
        Delete(slot);
        slot.Free = free;
        Insert(slot);
    }

    private void Insert(Slot slot)
    {
        slot.Left = slot.Right = null;
        slot.MostMemory = slot.Free.MemoryMiB;
        if (!slot.HasGpus)
        {
            _withoutGpus = Insert(_withoutGpus, slot);
            return;
        }

        var gpus = Math.Max(0, slot.Free.Gpus);
        while (_withGpus.Count <= gpus)
        {
            _withGpus.Add(null);
        }

        _withGpus[gpus] = Insert(_withGpus[gpus], slot);
    }

    private void Delete(Slot slot)
    {
        if (!slot.HasGpus)
        {
            _withoutGpus = Delete(_withoutGpus!, slot);
            return;
        }

        var gpus = Math.Max(0, slot.Free.Gpus);
        _withGpus[gpus] = Delete(_withGpus[gpus]!, slot);
    }

    /// <summary>The first in order that has this much; a branch without enough memory is not entered.</summary>
    private static Slot? First(Slot? branch, long vcpuMillis, long memoryMiB)
    {
        if (branch is null || branch.MostMemory < memoryMiB)
        {
            return null;
        }

        if (branch.Free.VcpuMillis < vcpuMillis)
        {
            return First(branch.Right, vcpuMillis, memoryMiB);
        }

        return First(branch.Left, vcpuMillis, memoryMiB)
            ?? (branch.Free.MemoryMiB >= memoryMiB ? branch : First(branch.Right, vcpuMillis, memoryMiB));
    }

    private static Slot Insert(Slot? branch, Slot slot)
    {
        if (branch is null)
        {
            return slot;
        }

        if (slot.Height > branch.Height)
        {
            (slot.Left, slot.Right) = Split(branch, slot);
            return Summed(slot);
        }

        if (slot.IsBefore(branch))
        {
            branch.Left = Insert(branch.Left, slot);
        }
        else
        {
            branch.Right = Insert(branch.Right, slot);
        }

        return Summed(branch);
    }

    private static (Slot? Before, Slot? After) Split(Slot? branch, Slot at)
    {
        if (branch is null)
        {
            return (null, null);
        }

        if (branch.IsBefore(at))
        {
            (branch.Right, var after) = Split(branch.Right, at);
            return (Summed(branch), after);
        }

        (var before, branch.Left) = Split(branch.Left, at);
        return (before, Summed(branch));
    }

    private static Slot? Delete(Slot branch, Slot slot)
    {
        if (ReferenceEquals(branch, slot))
        {
            return Join(slot.Left, slot.Right);
        }

        if (slot.IsBefore(branch))
        {
            branch.Left = Delete(branch.Left!, slot);
        }
        else
        {
            branch.Right = Delete(branch.Right!, slot);
        }

        return Summed(branch);
    }

    private static Slot? Join(Slot? before, Slot? after)
    {
        if (before is null || after is null)
        {
            return before ?? after;
        }

        if (before.Height > after.Height)
        {
            before.Right = Join(before.Right, after);
            return Summed(before);
        }

        after.Left = Join(before, after.Left);
        return Summed(after);
    }

    private static Slot Summed(Slot branch)
    {
        branch.MostMemory = Math.Max(
            branch.Free.MemoryMiB, Math.Max(branch.Left?.MostMemory ?? long.MinValue, branch.Right?.MostMemory ?? long.MinValue));
        return branch;
    }

    /// <summary>A host, and the branch of the tree below it.</summary>
    private sealed class Slot(string hostId, bool hasGpus, long added)
    {
        public string HostId { get; } = hostId;

        public bool HasGpus { get; } = hasGpus;

        /// <summary>Higher ones stand above lower ones. Scattered over the order of adding, so that the tree stays flat; it changes no answer.</summary>
        public ulong Height { get; } = Scattered((ulong)added);

        public ResourceNeeds Free { get; set; }

        public long MostMemory { get; set; }

        public Slot? Left { get; set; }

        public Slot? Right { get; set; }

        private long Added { get; } = added;

        public bool IsBefore(Slot other) =>
            Free.VcpuMillis != other.Free.VcpuMillis ? Free.VcpuMillis < other.Free.VcpuMillis
            : Free.MemoryMiB != other.Free.MemoryMiB ? Free.MemoryMiB < other.Free.MemoryMiB
            : Added < other.Added;

        // The finalizer of SplitMix64.
        private static ulong Scattered(ulong value)
        {
            value *= 0x9E3779B97F4A7C15;
            value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
            value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
            return value ^ (value >> 31);
        }
    }
}
