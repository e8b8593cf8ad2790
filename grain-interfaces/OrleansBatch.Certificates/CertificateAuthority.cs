using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrleansBatch.Certificates;

/// <summary>A private authority that makes certificates for silos, nodes and consoles. ECDSA on P-256.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const string Organization = "OrleansBatch";
    private const string ServerUse = "1.3.6.1.5.5.7.3.1";
    private const string ClientUse = "1.3.6.1.5.5.7.3.2";
    private const int SerialBytes = 16;

    // The clocks of the machines may differ.
    private static readonly TimeSpan Earlier = TimeSpan.FromHours(1);

    private readonly X509Certificate2 _certificate;

    private CertificateAuthority(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>Its certificate, as PEM.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem() + "\n";

    /// <summary>Its private key, as PEM: who has it can make certificates that every silo trusts.</summary>
    public string KeyPem => KeyOf(_certificate);

    /// <summary>When it is no longer valid.</summary>
    public DateTimeOffset ValidUntil => _certificate.NotAfter;

    /// <summary>Makes a new one.</summary>
    public static CertificateAuthority Create(string name, DateTimeOffset now, TimeSpan validity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject(name, unit: null), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new(request.CreateSelfSigned(now - Earlier, now + validity));
    }

    /// <summary>Reads one that was made before.</summary>
    /// <exception cref="CryptographicException">The files do not hold a certificate and its key.</exception>
    public static CertificateAuthority Read(string certificatePath, string keyPath) => new(X509Certificate2.CreateFromPemFile(certificatePath, keyPath));

    /// <summary>Makes a certificate.</summary>
    /// <param name="role">What its holder may be: with it come the uses of the key.</param>
    /// <param name="name">The common name: of a node its id.</param>
    /// <param name="hosts">Host names and IP addresses at which others find its holder.</param>
    /// <param name="now">When it begins to be valid.</param>
    /// <param name="validity">For how long; no longer than the authority is.</param>
    /// <returns>Certificate and private key, as PEM.</returns>
    public (string CertificatePem, string KeyPem, DateTimeOffset ValidUntil) Issue(Role role, string name, IReadOnlyCollection<string> hosts, DateTimeOffset now, TimeSpan validity)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(Subject(name, Roles.UnitOf(role)), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));

        // A silo calls other silos, too.
        OidCollection uses = role == Role.Silo ? [new(ServerUse), new(ClientUse)] : [new(ClientUse)];
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(uses, critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        if (hosts.Count > 0)
        {
            request.CertificateExtensions.Add(Names(hosts));
        }

        var until = now + validity < ValidUntil ? now + validity : ValidUntil;
        var from = now - Earlier > _certificate.NotBefore ? now - Earlier : _certificate.NotBefore;
        using var bare = request.Create(_certificate, from, until, RandomNumberGenerator.GetBytes(SerialBytes));
        using var whole = bare.CopyWithPrivateKey(key);
        return (whole.ExportCertificatePem() + "\n", KeyOf(whole), until);
    }

    /// <inheritdoc/>
    public void Dispose() => _certificate.Dispose();

    private static string KeyOf(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new CryptographicException("The key is not an elliptic curve's.");
        return key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    private static X500DistinguishedName Subject(string name, string? unit)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddOrganizationName(Organization);
        if (unit is not null)
        {
            subject.AddOrganizationalUnitName(unit);
        }

        subject.AddCommonName(name);
        return subject.Build();
    }

    private static X509Extension Names(IEnumerable<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
        {
            if (IPAddress.TryParse(host, out var address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(host);
            }
        }

        return names.Build();
    }
}
