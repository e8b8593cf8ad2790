using System.Security.Cryptography;
using System.Text.RegularExpressions;
using OrleansBatch.Certificates;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Certificates;

/// <summary>A folder with an authority and what it has issued. Files are only ever added, for their owner alone.</summary>
internal sealed partial class CertificateFolder(string path, DateTimeOffset now, TimeSpan validity)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int NodeIdDigits = 17;

    // Longer than anything that it issues, so that renewing those does not mean to change what everybody trusts.
    private static readonly TimeSpan AuthorityValidity = TimeSpan.FromDays(3653);

    /// <summary>Makes what is asked, and the authority if there is none. Nothing is made if any of it exists.</summary>
    /// <exception cref="UsageException">A name cannot be, or a file exists.</exception>
    public CertificatesMade Make(IReadOnlyList<string> silos, IReadOnlyList<string> nodes, IReadOnlyList<string> clients)
    {
        List<Wish> wishes =
        [
            .. silos.Select(silo => Wish.Of(Role.Silo, silo, Hosts(silo))),
            .. nodes.Select(node => Wish.Of(Role.Node, Name(node), [])),
            .. clients.Select(client => Wish.Of(Role.Client, Name(client), [])),
        ];
        if (wishes.GroupBy(wish => wish.File).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new UsageException($"{twice.Key} is asked for twice.");
        }

        foreach (var file in wishes.SelectMany(wish => new[] { PathOf(wish.File + ".crt"), PathOf(wish.File + ".key") }).Where(File.Exists))
        {
            throw new UsageException($"{file} exists, and nothing is overwritten.");
        }

        MakeFolder();
        using var authority = Authority(out var isNew);
        return new()
        {
            Authority = new() { Certificate = PathOf("ca.crt"), Key = PathOf("ca.key"), IsNew = isNew, ValidUntil = authority.ValidUntil },
            Certificates = [.. wishes.Select(wish => Issue(authority, wish))],
        };
    }

    private CertificateAuthority Authority(out bool isNew)
    {
        var (certificate, key) = (PathOf("ca.crt"), PathOf("ca.key"));
        isNew = !File.Exists(certificate) && !File.Exists(key);
        if (isNew)
        {
            var made = CertificateAuthority.Create("OrleansBatch cluster", now, AuthorityValidity);
            Write(key, made.KeyPem);
            Write(certificate, made.CertificatePem);
            return made;
        }

        if (!File.Exists(certificate) || !File.Exists(key))
        {
            throw new UsageException($"Of {certificate} and {key} only one is there. Both are the authority; without either nothing can be issued.");
        }

        try
        {
            return CertificateAuthority.Read(certificate, key);
        }
        catch (Exception problem) when (problem is CryptographicException or ArgumentException)
        {
            throw new UsageException($"{certificate} and {key} are no authority: {problem.Message}");
        }
    }

    private CertificateMade Issue(CertificateAuthority authority, Wish wish)
    {
        var name = wish.Role == Role.Node && !NodeIds().IsMatch(wish.Name) ? "i-" + RandomNumberGenerator.GetHexString(NodeIdDigits, lowercase: true) : wish.Name;
        var (certificate, key, until) = authority.Issue(wish.Role, name, wish.Hosts, now, validity);
        var made = new CertificateMade
        {
            Role = Roles.UnitOf(wish.Role),
            Name = name,
            Hosts = wish.Hosts,
            Certificate = PathOf(wish.File + ".crt"),
            Key = PathOf(wish.File + ".key"),
            ValidUntil = until,
        };
        Write(made.Key, key);
        Write(made.Certificate, certificate);
        return made;
    }

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
        {
            _ = Directory.CreateDirectory(path);
        }
        else
        {
            _ = Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }
    }

    private string PathOf(string file) => Path.Combine(path, file);

    private static void Write(string file, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var stream = new FileStream(file, options);
        stream.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }

    private static string[] Hosts(string silo) => [.. silo.Split(',').Select(host =>
        Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6 ? host : throw new UsageException($"'{host}' is no host name or IP address."))];

    private static string Name(string name) => Names().IsMatch(name)
        ? name
        : throw new UsageException($"'{name}' must be 1 to 64 letters, digits, dots, dashes and underscores, and not begin with a dot.");

    [GeneratedRegex("^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex Names();

    [GeneratedRegex("^i-[0-9a-f]{17}$")]
    private static partial Regex NodeIds();

    /// <summary>One certificate that is to be.</summary>
    private sealed record Wish(Role Role, string Name, string[] Hosts, string File)
    {
        public static Wish Of(Role role, string text, string[] hosts)
        {
            var name = hosts.Length > 0 ? hosts[0] : text;
            return new(role, name, hosts, $"{Roles.UnitOf(role)}-{name.Replace(':', '_')}");
        }
    }
}
