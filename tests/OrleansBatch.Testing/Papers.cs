using System.Runtime.CompilerServices;
using OrleansBatch.Certificates;

namespace OrleansBatch.Testing;

/// <summary>An authority and what it has issued, as files in a folder of their own.</summary>
public sealed class Papers : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly CertificateAuthority _authority = CertificateAuthority.Create("test", Now, TimeSpan.FromHours(1));

    /// <summary>The folder.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("papers-").FullName;

    /// <summary>The authority's certificate.</summary>
    public string Authority => Write("ca.crt", _authority.CertificatePem);

    /// <summary>A silo of this machine.</summary>
    public PrivateIdentity Silo => Issue(Role.Silo, "silo", "localhost", "127.0.0.1");

    /// <summary>A node.</summary>
    public PrivateIdentity Node(string nodeId) => Issue(Role.Node, nodeId);

    /// <summary>Whoever.</summary>
    public PrivateIdentity Issue(Role role, string name, params string[] hosts)
    {
        var (certificate, key) = FilesOf(role, name, hosts);
        return PrivateIdentity.Read(Authority, certificate, key);
    }

    /// <summary>The files of whoever.</summary>
    public (string Certificate, string Key) FilesOf(Role role, string name, params string[] hosts)
    {
        var (certificate, key, _) = _authority.Issue(role, name, hosts, Now, TimeSpan.FromHours(1));
        return (Write($"{name}.crt", certificate), Write($"{name}.key", key));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _authority.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    [MethodImpl(MethodImplOptions.Synchronized)]
    private string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
