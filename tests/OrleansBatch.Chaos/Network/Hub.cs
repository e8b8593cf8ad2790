using System.Globalization;
using System.Text.Json;
using OrleansBatch.Chaos.Machine;

namespace OrleansBatch.Chaos.Network;

/// <summary>
/// A network for a run: each member in a network namespace of its own, joined by a bridge in another, and the harness beside them. Packets between two members can be
/// dropped, and the kernel counts them.
/// </summary>
/// <remarks>Dropped is what the bridge's ports hand on to an interface at whose other end nobody is (tc, u32 and mirred): that needs neither nftables nor iptables.</remarks>
internal sealed class Hub
{
    private const string Sink = "sink0";

    private readonly string _name;
    private readonly string _network;
    private readonly Dictionary<string, int> _members = [];
    private int _cuts;

    private Hub(string name, string network) => (_name, _network) = (name, network);

    /// <summary>Why there can be none; null: there can.</summary>
    public static string? WhyNot { get; } = Environment.UserName != "root" ? "it takes root to make network namespaces"
        : !Tool.Exists("ip") || !Tool.Exists("tc") || !Tool.Exists("nsenter") ? "ip, tc and nsenter (iproute2, util-linux) are needed to make network namespaces"
        : null;

    /// <summary>Makes one and joins the harness to it; null, and why, when this machine does not let it.</summary>
    public static async Task<(Hub? Hub, string? WhyNot)> CreateAsync(string name)
    {
        if (WhyNot is { } why)
        {
            return (null, why);
        }

        // Addresses of carriers' own networks: hardly any machine has them.
        var random = new Random();
        var hub = new Hub(name, string.Create(CultureInfo.InvariantCulture, $"100.{random.Next(64, 128)}.{random.Next(256)}"));
        try
        {
            await hub.MakeAsync();
            return (hub, null);
        }
        catch (InvalidOperationException exception)
        {
            await RemoveAsync(name);
            return (null, exception.Message);
        }
    }

    /// <summary>Removes all that a run made.</summary>
    public static async Task RemoveAsync(string name)
    {
        if (WhyNot is not null)
        {
            return;
        }

        foreach (var line in (await Tool.TryAsync("ip", "netns", "list")).Output.Split('\n').Select(line => line.Split(' ')[0]).Where(line => line.StartsWith(Of(name), StringComparison.Ordinal)))
        {
            _ = await Tool.TryAsync("ip", "netns", "delete", line);
        }

        _ = await Tool.TryAsync("ip", "link", "delete", HostLink(name));
    }

    /// <summary>Adds a member; gives its address.</summary>
    public async Task<string> AddAsync(string member)
    {
        var number = _members.Count + 1;
        _members.Add(member, number);
        await Tool.RunAsync("ip", "netns", "add", Space(member));
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "add", Port(member), "type", "veth", "peer", "name", "eth0", "netns", Space(member));
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "set", Port(member), "master", "bridge0", "up");
        await Tool.RunAsync("tc", "-n", HubSpace, "qdisc", "add", "dev", Port(member), "clsact");
        await Tool.RunAsync("ip", "-n", Space(member), "address", "add", $"{Address(member)}/24", "dev", "eth0");
        await Tool.RunAsync("ip", "-n", Space(member), "link", "set", "lo", "up");
        await Tool.RunAsync("ip", "-n", Space(member), "link", "set", "eth0", "up");
        return Address(member);
    }

    /// <summary>A member's address.</summary>
    public string Address(string member) => string.Create(CultureInfo.InvariantCulture, $"{_network}.{_members[member]}");

    /// <summary>What a command begins with that is to run in a member's namespace. Mounts stay as they are: cgroups are still seen.</summary>
    public IEnumerable<string> Enter(string member) => ["nsenter", $"--net=/run/netns/{Space(member)}", "--"];

    /// <summary>Drops all packets between two members, in both directions.</summary>
    public async Task<Cut> CutAsync(string one, string other)
    {
        var preference = ++_cuts;
        await DropAsync(Port(one), Address(other), preference);
        await DropAsync(Port(other), Address(one), preference);
        return new(this, Port(one), Port(other), preference);
    }

    private string HubSpace => $"{Of(_name)}-hub";

    private string Space(string member) => $"{Of(_name)}-{member}";

    private string Port(string member) => $"p-{member}";

    private static string Of(string run) => $"ob{run}";

    private static string HostLink(string run) => $"{Of(run)}-host";

    private async Task MakeAsync()
    {
        await Tool.RunAsync("ip", "netns", "add", HubSpace);
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "add", "bridge0", "type", "bridge");
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "set", "bridge0", "up");
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "add", Sink, "type", "veth", "peer", "name", "sink1");
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "set", Sink, "up");
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "set", "sink1", "up");
        await Tool.RunAsync("ip", "link", "add", HostLink(_name), "type", "veth", "peer", "name", "p-host", "netns", HubSpace);
        await Tool.RunAsync("ip", "-n", HubSpace, "link", "set", "p-host", "master", "bridge0", "up");
        await Tool.RunAsync("ip", "address", "add", $"{_network}.254/24", "dev", HostLink(_name));
        await Tool.RunAsync("ip", "link", "set", HostLink(_name), "up");
    }

    private Task<string> DropAsync(string port, string address, int preference) => Tool.RunAsync(
        "tc", "-n", HubSpace, "filter", "add", "dev", port, "ingress", "pref", $"{preference}", "protocol", "ip",
        "u32", "match", "ip", "dst", $"{address}/32", "action", "mirred", "egress", "redirect", "dev", Sink);

    private async Task<long> CountAsync(string port, int preference)
    {
        using var filters = JsonDocument.Parse(await Tool.RunAsync("tc", "-n", HubSpace, "-s", "-j", "filter", "show", "dev", port, "ingress"));
        return filters.RootElement.EnumerateArray()
            .Where(filter => filter.GetProperty("pref").GetInt32() == preference && filter.TryGetProperty("options", out var options) && options.TryGetProperty("actions", out _))
            .SelectMany(filter => filter.GetProperty("options").GetProperty("actions").EnumerateArray())
            .Sum(action => action.GetProperty("stats").GetProperty("packets").GetInt64());
    }

    /// <summary>Two members that do not hear of each other.</summary>
    internal sealed class Cut(Hub hub, string one, string other, int preference)
    {
        /// <summary>How many packets were dropped so far.</summary>
        public async Task<long> DroppedAsync() => await hub.CountAsync(one, preference) + await hub.CountAsync(other, preference);

        /// <summary>Lets them through again.</summary>
        public async Task HealAsync()
        {
            foreach (var port in new[] { one, other })
            {
                await Tool.RunAsync("tc", "-n", hub.HubSpace, "filter", "delete", "dev", port, "ingress", "pref", $"{preference}");
            }
        }
    }
}
