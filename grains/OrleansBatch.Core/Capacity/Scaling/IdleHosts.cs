using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Instances;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>Hosts with nothing on them, there or coming, while a plan gives them to multi-node parallel jobs.</summary>
internal sealed class IdleHosts
{
    private readonly Dictionary<string, Pool> _pools = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Host> _hosts = new(StringComparer.Ordinal);

    /// <param name="hosts">All of an environment; those that there are go first, then the order in which they came.</param>
    public IdleHosts(IEnumerable<Host> hosts)
    {
        var idle = hosts.Where(host => host is { State: HostState.Active or HostState.Launching, Reservations: 0, TakesNodes: true, IsClosed: false });
        foreach (var host in idle.OrderBy(host => host.State != HostState.Active).ThenBy(host => host.LaunchedAt).ThenBy(host => host.Id, StringComparer.Ordinal))
        {
            Add(host);
        }
    }

    /// <summary>The types of which there are any.</summary>
    public IEnumerable<InstanceType> Types => _pools.Values.Where(pool => pool.Active + pool.Coming > 0).Select(pool => pool.Type);

    /// <summary>How many of a type are there, and how many are coming.</summary>
    public (int Active, int Coming) CountOf(string instanceType) => _pools.TryGetValue(instanceType, out var pool) ? (pool.Active, pool.Coming) : (0, 0);

    /// <summary>One more, with nothing on it.</summary>
    public void Add(Host host)
    {
        _hosts.Add(host.Id, host);
        if (!_pools.TryGetValue(host.Type.Name, out var pool))
        {
            _pools.Add(host.Type.Name, pool = new(host.Type));
        }

        pool.Waiting.Enqueue(host.Id);
        pool.Count(host, 1);
    }

    /// <summary>Since when the first hosts of a type have all been asked for.</summary>
    public DateTimeOffset Since(string instanceType, int hosts) =>
        _pools[instanceType].Waiting.Select(id => _hosts.GetValueOrDefault(id)).OfType<Host>().Take(hosts).Max(host => host.LaunchedAt);

    /// <summary>Something else has it, or it goes. Nothing happens when it is not in here.</summary>
    public void Remove(string hostId)
    {
        if (_hosts.Remove(hostId, out var host))
        {
            _pools[host.Type.Name].Count(host, -1);
        }
    }

    /// <summary>Does not count these hosts, or counts them again.</summary>
    public void Count(IEnumerable<Host> hosts, bool isCounted)
    {
        foreach (var host in hosts)
        {
            _pools[host.Type.Name].Count(host, isCounted ? 1 : -1);
        }
    }

    /// <summary>Takes as many of a type as there are, at most so many.</summary>
    public List<Host> Take(string instanceType, int most)
    {
        List<Host> taken = [];
        while (taken.Count < most && _pools.TryGetValue(instanceType, out var pool) && pool.Waiting.TryDequeue(out var hostId))
        {
            // It may have been removed.
            if (_hosts.TryGetValue(hostId, out var host))
            {
                taken.Add(host);
                Remove(hostId);
            }
        }

        return taken;
    }

    private sealed class Pool(InstanceType type)
    {
        public InstanceType Type { get; } = type;

        public Queue<string> Waiting { get; } = new();

        public int Active { get; private set; }

        public int Coming { get; private set; }

        public void Count(Host host, int more)
        {
            Active += host.State == HostState.Active ? more : 0;
            Coming += host.State == HostState.Active ? 0 : more;
        }
    }
}
