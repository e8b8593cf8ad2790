using OrleansBatch.Certificates;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Transports;

/// <summary>The certificate that a gateway may want to see.</summary>
internal static class GatewayIdentity
{
    /// <summary>Certificate of the cluster's authority: with it the other two are needed.</summary>
    public const string AuthorityVariable = "ORLEANSBATCH_CA";

    /// <summary>The console's certificate.</summary>
    public const string CertificateVariable = "ORLEANSBATCH_CERTIFICATE";

    /// <summary>Its key.</summary>
    public const string KeyVariable = "ORLEANSBATCH_KEY";

    /// <summary>Reads it.</summary>
    /// <returns>Null when none of the three is given: no TLS.</returns>
    /// <exception cref="UsageException">One is missing, or a file cannot be used.</exception>
    public static PrivateIdentity? Read(string? authority, string? certificate, string? key)
    {
        if (authority is null && certificate is null && key is null)
        {
            return null;
        }

        if (authority is null || certificate is null || key is null)
        {
            throw new UsageException($"--ca, --certificate and --key ({AuthorityVariable}, {CertificateVariable}, {KeyVariable}) go together.");
        }

        try
        {
            return PrivateIdentity.Read(authority, certificate, key);
        }
        catch (IOException problem)
        {
            throw new UsageException(problem.Message);
        }
    }
}
