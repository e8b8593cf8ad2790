using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansBatch.Certificates;

/// <summary>Who this program is to others, and whom it trusts: one private authority, and a certificate from it.</summary>
/// <remarks>Both sides of every connection show a certificate. Only that authority counts, none of the system's. TLS 1.3 or 1.2. Nothing asks the network whether one was revoked.</remarks>
public sealed class PrivateIdentity
{
    private const string CommonName = "2.5.4.3";
    private const string OrganizationalUnit = "2.5.4.11";

    private readonly X509Certificate2Collection _authorities;
    private readonly SslStreamCertificateContext _own;

    private PrivateIdentity(X509Certificate2Collection authorities, X509Certificate2 own)
    {
        _authorities = authorities;
        Name = NameOf(own);
        _own = SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true);
    }

    /// <summary>The common name of the own certificate.</summary>
    public string Name { get; }

    /// <summary>Reads PEM files.</summary>
    /// <param name="authorities">The authority's certificate; several while one follows another.</param>
    /// <param name="certificate">The own certificate.</param>
    /// <param name="key">Its private key.</param>
    /// <exception cref="IOException">A file cannot be read, or is not what it should be; the message names it.</exception>
    public static PrivateIdentity Read(string authorities, string certificate, string key)
    {
        var trusted = new X509Certificate2Collection();
        Try(authorities, () => trusted.ImportFromPemFile(authorities));
        if (trusted.Count == 0)
        {
            throw new IOException($"{authorities} holds no certificate.");
        }

        X509Certificate2? own = null;
        Try($"{certificate} with key {key}", () => own = X509Certificate2.CreateFromPemFile(certificate, key));
        return new(trusted, own!);
    }

    /// <summary>The common name of a certificate; empty when it has none.</summary>
    public static string NameOf(X509Certificate2 certificate) => Part(certificate, CommonName) ?? "";

    /// <summary>Whether a certificate is for a role.</summary>
    public static bool Is(X509Certificate2 certificate, Role role) => Part(certificate, OrganizationalUnit) == Roles.UnitOf(role);

    /// <summary>For who connects: the other side must be a silo that its own certificate names.</summary>
    /// <param name="host">What was connected to, as the certificate must name it; null: any silo of the authority, where addresses are the cluster's own.</param>
    public SslClientAuthenticationOptions AsClient(string? host) => new()
    {
        TargetHost = host ?? "",
        EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
        ClientCertificateContext = _own,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
            IsGood(certificate, host is null ? errors & ~SslPolicyErrors.RemoteCertificateNameMismatch : errors, Role.Silo),
    };

    /// <summary>For who listens: the other side must show a certificate for one of these roles.</summary>
    public SslServerAuthenticationOptions AsServer(params Role[] roles) => new()
    {
        EnabledSslProtocols = SslProtocols.Tls13 | SslProtocols.Tls12,
        ServerCertificateContext = _own,
        ClientCertificateRequired = true,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = Policy(),
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => IsGood(certificate, errors, roles),
    };

    private static bool IsGood(X509Certificate? certificate, SslPolicyErrors errors, params Role[] roles) =>
        errors == SslPolicyErrors.None
        && certificate is X509Certificate2 shown
        && Array.Exists(roles, role => Is(shown, role));

    private static string? Part(X509Certificate2 certificate, string identifier) => certificate.SubjectName
        .EnumerateRelativeDistinguishedNames()
        .Where(part => !part.HasMultipleElements && part.GetSingleElementType().Value == identifier)
        .Select(part => part.GetSingleElementValue())
        .FirstOrDefault();

    private static void Try(string what, Action read)
    {
        try
        {
            read();
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new IOException($"{what} cannot be used: {problem.Message}", problem);
        }
    }

    private X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(_authorities);
        return policy;
    }
}
