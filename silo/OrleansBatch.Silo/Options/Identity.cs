using OrleansBatch.Certificates;

namespace OrleansBatch.Silo.Options;

/// <summary>Who this silo is to others, by the settings.</summary>
internal static class Identity
{
    /// <summary>Reads the certificates, if they are given.</summary>
    /// <exception cref="StartException">They cannot be used, or something needs them that there is not; the message says why.</exception>
    public static PrivateIdentity? Of(BatchOptions options)
    {
        string?[] files = [options.CertificateAuthority, options.Certificate, options.CertificateKey];
        if (files.Any(file => file is not null) && files.Any(file => file is null))
        {
            throw new StartException("--ca, --certificate and --key go together.");
        }

        if (options is { AgentPort: not null, Certificate: null, PlaintextAgents: false })
        {
            throw new StartException("--agent-port needs --ca, --certificate and --key; or --plaintext-agents, for agents on this machine only.");
        }

        if (options is { Certificate: not null, PlaintextAgents: true })
        {
            throw new StartException("--plaintext-agents and --certificate exclude each other.");
        }

        try
        {
            return options.Certificate is null ? null : PrivateIdentity.Read(options.CertificateAuthority!, options.Certificate, options.CertificateKey!);
        }
        catch (IOException problem)
        {
            throw new StartException(problem.Message);
        }
    }
}
