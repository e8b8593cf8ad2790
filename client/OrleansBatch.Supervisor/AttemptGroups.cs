using System.Globalization;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Cgroups;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>The control groups that attempts run in: numbered, each one attempt's at a time, used again where the kernel lets them.</summary>
/// <remarks>
/// To make and remove a set of them costs half of a start; to take one that is there costs a hundredth. Where they lie is
/// written down, so that a later supervisor finds and kills what this one leaves, also from another place in the kernel's tree.
/// </remarks>
internal sealed class AttemptGroups
{
    private const string SitesFile = "cgroups";
    private const int MostKept = 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly CgroupSite? _site;
    private readonly Bell _filled = new();
    private readonly LinkedList<Cgroup> _kept = new();
    private readonly Dictionary<Cgroup, LinkedListNode<Cgroup>> _places = [];
    private readonly Queue<Cgroup> _used = new();

    // Held while one used group is seen to; guards what follows.
    private readonly Lock _removing = new();
    private readonly List<Cgroup> _stuck = [];
    private bool _isLeaving;
    private long _last;

    private AttemptGroups(CgroupSite? site, string? problem) => (_site, Problem) = (site, problem);

    /// <summary>By what attempts are limited; null when they are not.</summary>
    public string? LimitedBy => _site?.Name;

    /// <summary>Why limits cannot be enforced; null when they can.</summary>
    public string? Problem { get; }

    /// <summary>Clears up what an earlier supervisor has left, and finds a place.</summary>
    /// <param name="directory">The supervisor's directory.</param>
    /// <param name="name">Name of the place, unlike that of any other supervisor on this machine.</param>
    /// <exception cref="IOException">Something of an earlier supervisor would not die, or the place cannot be written down.</exception>
    public static AttemptGroups Begin(string directory, string name)
    {
        var known = Path.Combine(directory, SitesFile);
        var former = File.Exists(known) ? File.ReadAllLines(known) : [];
        if (!CgroupSite.Clear([.. former.Where(line => line.StartsWith('/'))], Patience))
        {
            throw new IOException("Processes of an earlier supervisor would not die.");
        }

        var site = CgroupSite.Find(name, out var problem);
        if (site is not null)
        {
            File.WriteAllLines(known, site.Directories);
        }

        return new(site, problem);
    }

    /// <summary>Gives an empty group out whose limits are set.</summary>
    /// <param name="limits">What attempts in it may use.</param>
    /// <param name="last">The group that the caller used last: it is the cheapest, if it is free.</param>
    /// <returns>Null when limits cannot be enforced here.</returns>
    /// <exception cref="IOException">None can be made, or the kernel refuses a limit.</exception>
    public Cgroup? Take(AttemptLimits limits, Cgroup? last)
    {
        if (_site is null)
        {
            return null;
        }

        var group = TakeKept(last) ?? MakeNext();
        try
        {
            group.Begin(new(
                limits.Memory,
                limits.Swap,
                limits.CpuShares,
                limits.IsCpuCapped ? limits.CpuShares * CgroupLimits.CpuPeriodMicroseconds / 1024 : null,
                limits.Processes));
            return group;
        }
        catch (IOException)
        {
            Release(group);
            throw;
        }
    }

    /// <summary>Takes an empty group back. Costs next to nothing; <see cref="RunRemovals"/> sees to the rest.</summary>
    public void Release(Cgroup group)
    {
        var again = group.IsClean;
        lock (_gate)
        {
            if (again && _kept.Count < MostKept)
            {
                Keep(group);
                return;
            }

            _used.Enqueue(group);
        }

        _filled.Ring();
    }

    /// <summary>Takes the calling thread out of the group that it entered last.</summary>
    public OsError Leave() => _site?.Leave() ?? default;

    /// <summary>Cleans or removes used groups for ever: in a thread of its own, for it can take long.</summary>
    public void RunRemovals()
    {
        while (true)
        {
            _filled.Wait();
            lock (_removing)
            {
                if (!_isLeaving)
                {
                    CleanOrRemoveNext();
                }
            }
        }
    }

    /// <summary>Removes all: nothing runs any more, and this supervisor is about to leave.</summary>
    public void RemoveAll()
    {
        lock (_removing)
        {
            _isLeaving = true;
            _site?.LeaveForGood();
            lock (_gate)
            {
                foreach (var group in _kept.Concat(_used).Concat(_stuck))
                {
                    group.Remove();
                }
            }

            _site?.Remove();
        }
    }

    private void CleanOrRemoveNext()
    {
        Cgroup group;
        bool wanted;
        lock (_gate)
        {
            group = _used.Dequeue();
            wanted = _kept.Count < MostKept;
        }

        if (wanted && group.TryClean())
        {
            lock (_gate)
            {
                Keep(group);
            }

            return;
        }

        // A starting thread may still be in it on its way to the next.
        _stuck.Add(group);
        _stuck.RemoveAll(each => each.Remove());
        if (wanted)
        {
            MakeAhead();
        }
    }

    /// <summary>A fresh one in the place of one that could serve only once: so that no start has to wait for it.</summary>
    private void MakeAhead()
    {
        try
        {
            var group = MakeNext();
            lock (_gate)
            {
                Keep(group);
            }
        }
        catch (IOException problem)
        {
            // The start that needs one will say so to whom it concerns.
            SupervisorLog.Write($"A control group cannot be made ahead: {problem.Message}");
        }
    }

    private Cgroup MakeNext()
    {
        string name;
        do
        {
            // One that an earlier supervisor could not remove has counted already.
            name = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        }
        while (_site!.Directories.Any(directory => Directory.Exists(Path.Combine(directory, name))));
        return _site.Make(name);
    }

    private void Keep(Cgroup group) =>
        _places[group] = group.IsQuick ? _kept.AddFirst(group) : _kept.AddLast(group);

    private Cgroup? TakeKept(Cgroup? last)
    {
        lock (_gate)
        {
            var place = last is not null && _places.TryGetValue(last, out var free) ? free : _kept.First;
            if (place is null)
            {
                return null;
            }

            _kept.Remove(place);
            _ = _places.Remove(place.Value);
            return place.Value;
        }
    }
}
