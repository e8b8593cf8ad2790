using System.Runtime.CompilerServices;
using OrleansBatch.Certificates;

namespace OrleansBatch.Agent.Tests.Sessions;

/// <summary>An authority and what it has issued, as files in a folder of their own.</summary>
internal sealed class Papers : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly CertificateAuthority _authority = CertificateAuthority.Create("test", Now, TimeSpan.FromHours(1));

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("papers-").FullName;

    public string Authority => Write("ca.crt", _authority.CertificatePem);

    public PrivateIdentity Silo => Issue(Role.Silo, "silo", "localhost", "127.0.0.1");

    public PrivateIdentity Node(string nodeId) => Issue(Role.Node, nodeId);

    public PrivateIdentity Issue(Role role, string name, params string[] hosts)
    {
        var (certificate, key) = FilesOf(role, name, hosts);
        return PrivateIdentity.Read(Authority, certificate, key);
    }

    public (string Certificate, string Key) FilesOf(Role role, string name, params string[] hosts)
    {
        var (certificate, key, _) = _authority.Issue(role, name, hosts, Now, TimeSpan.FromHours(1));
        return (Write($"{name}.crt", certificate), Write($"{name}.key", key));
    }

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
