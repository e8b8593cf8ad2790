using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using OrleansBatch.Certificates;

namespace OrleansBatch.Client.Tests.Certificates;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class CertificatesCommandTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _directory = Path.Combine(Path.GetTempPath(), $"pki-{Guid.NewGuid():N}");

    [Fact]
    public async Task Each_gets_a_certificate_for_its_role_and_its_hosts()
    {
        var made = await MakeAsync("--silo", "silo-1,10.0.0.1", "--node", "worker-1", "--node", "i-0123456789abcdef0", "--client", "ops");

        Assert.Equal(["silo-silo-1", "node-worker-1", "node-i-0123456789abcdef0", "client-ops"], made.Select(each => Path.GetFileNameWithoutExtension(each.GetProperty("certificate").GetString()!)));
        using var silo = X509CertificateLoader.LoadCertificateFromFile(PathOf("silo-silo-1.crt"));
        Assert.True(PrivateIdentity.Is(silo, Role.Silo));
        Assert.True(silo.MatchesHostname("silo-1") && silo.MatchesHostname("10.0.0.1") && !silo.MatchesHostname("silo-2"));
        Assert.Equal(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"], UsesOf(silo));
        using var node = X509CertificateLoader.LoadCertificateFromFile(PathOf("node-worker-1.crt"));
        Assert.True(PrivateIdentity.Is(node, Role.Node));
        Assert.Matches("^i-[0-9a-f]{17}$", PrivateIdentity.NameOf(node));
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], UsesOf(node));
        using var named = X509CertificateLoader.LoadCertificateFromFile(PathOf("node-i-0123456789abcdef0.crt"));
        Assert.Equal("i-0123456789abcdef0", PrivateIdentity.NameOf(named));
        Assert.Equal("ops", PrivateIdentity.Read(PathOf("ca.crt"), PathOf("client-ops.crt"), PathOf("client-ops.key")).Name);
    }

    [Fact]
    public async Task Its_authority_alone_vouches_for_a_certificate_and_may_issue_no_further_authority()
    {
        await MakeAsync("--silo", "silo-1");
        using var authority = X509CertificateLoader.LoadCertificateFromFile(PathOf("ca.crt"));
        using var silo = X509CertificateLoader.LoadCertificateFromFile(PathOf("silo-silo-1.crt"));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.Add(authority);

        Assert.True(chain.Build(silo));
        var basics = Assert.Single(authority.Extensions.OfType<X509BasicConstraintsExtension>());
        Assert.True(basics is { CertificateAuthority: true, HasPathLengthConstraint: true, PathLengthConstraint: 0, Critical: true });
        Assert.Equal(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, Assert.Single(authority.Extensions.OfType<X509KeyUsageExtension>()).KeyUsages);
        Assert.False(Assert.Single(silo.Extensions.OfType<X509BasicConstraintsExtension>()).CertificateAuthority);
    }

    [Fact]
    public async Task Files_are_their_owners_alone_and_the_folder_too()
    {
        await MakeAsync("--silo", "silo-1", "--node", "worker-1");

        Assert.Equal(6, Directory.GetFiles(_directory).Length);
        Assert.All(Directory.GetFiles(_directory), file => Assert.Equal(OwnerOnly, File.GetUnixFileMode(file)));
        Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory));
    }

    [Fact]
    public async Task An_authority_that_is_there_issues_more_and_stays_as_it_is()
    {
        await MakeAsync("--silo", "silo-1");
        var authority = await File.ReadAllTextAsync(PathOf("ca.crt"));

        await MakeAsync("--node", "worker-2");

        Assert.Equal(authority, await File.ReadAllTextAsync(PathOf("ca.crt")));
        _ = PrivateIdentity.Read(PathOf("ca.crt"), PathOf("node-worker-2.crt"), PathOf("node-worker-2.key"));
    }

    [Fact]
    public async Task Nothing_is_overwritten_and_then_nothing_is_made()
    {
        await MakeAsync("--node", "worker-1");
        var before = await File.ReadAllTextAsync(PathOf("node-worker-1.key"));

        var (exitCode, surroundings) = await RunAsync("--node", "worker-2", "--node", "worker-1");

        Assert.Equal(2, exitCode);
        Assert.Contains("node-worker-1.crt exists", surroundings.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(PathOf("node-worker-1.key")));
        Assert.False(File.Exists(PathOf("node-worker-2.crt")));
    }

    [Theory]
    [InlineData("--silo", "not a host")]
    [InlineData("--silo", "silo-1,")]
    [InlineData("--node", "../escape")]
    [InlineData("--client", ".hidden")]
    [InlineData("--days", "0")]
    [InlineData("--days", "3651")]
    public async Task What_cannot_be_is_refused_before_anything_is_made(string option, string value)
    {
        var (exitCode, surroundings) = await RunAsync(option, value);

        Assert.Equal((2, 3), (exitCode, surroundings.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.False(Directory.Exists(_directory));
    }

    [Fact]
    public async Task Half_an_authority_is_none()
    {
        await MakeAsync("--silo", "silo-1");
        File.Delete(PathOf("ca.key"));

        var (exitCode, surroundings) = await RunAsync("--silo", "silo-2");

        Assert.Equal(2, exitCode);
        Assert.Contains("only one is there", surroundings.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_get_a_table()
    {
        var surroundings = new Surroundings();

        Assert.Equal(0, await ConsoleProgram.RunAsync(["certificates", "create", _directory, "--silo", "silo-1"], surroundings.Terminal));

        Assert.Matches(@"(?s)^ROLE +NAME.*\nauthority +\(new\).*\nsilo +silo-1 +silo-1 ", surroundings.Out);
    }

    public void Dispose()
    {
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private async Task<(int ExitCode, Surroundings Surroundings)> RunAsync(params string[] options)
    {
        var surroundings = new Surroundings();
        return (await ConsoleProgram.RunAsync(["certificates", "create", _directory, "-o", "json", .. options], surroundings.Terminal), surroundings);
    }

    private async Task<JsonElement[]> MakeAsync(params string[] options)
    {
        var (exitCode, surroundings) = await RunAsync(options);
        Assert.Equal((0, ""), (exitCode, surroundings.Error));
        using var json = JsonDocument.Parse(surroundings.Out);
        return [.. json.RootElement.Clone().GetProperty("certificates").EnumerateArray()];
    }

    private static string[] UsesOf(X509Certificate2 certificate) =>
        [.. Assert.Single(certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()).EnhancedKeyUsages.OfType<System.Security.Cryptography.Oid>().Select(use => use.Value!)];
}
