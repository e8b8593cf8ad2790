using OrleansBatch.Certificates;

namespace OrleansBatch.Agent.Sessions;

/// <summary>Where the silos are, and who the agent is to them.</summary>
public sealed record SessionOptions
{
    /// <summary>The silos' agent gateways, such as <c>https://silo-1:8001</c>: any of them will do. Plain <c>http</c> only on loopback.</summary>
    public required IReadOnlyList<Uri> Silos { get; init; }

    /// <summary>The agent's certificate and authority. Null: none, which is for <c>http</c> alone.</summary>
    public PrivateIdentity? Identity { get; init; }

    /// <summary>How long a connection may take to be made. Default: 5 seconds.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Checks them.</summary>
    /// <exception cref="ArgumentException">They cannot be; the message says why.</exception>
    public void Check()
    {
        if (Silos.Count == 0)
        {
            throw new ArgumentException("No silo is named.");
        }

        foreach (var silo in Silos)
        {
            if (silo.Scheme == Uri.UriSchemeHttps && Identity is null)
            {
                throw new ArgumentException($"{silo} needs a certificate, its key, and the authority's certificate.");
            }

            if (silo.Scheme != Uri.UriSchemeHttps && (silo.Scheme != Uri.UriSchemeHttp || !silo.IsLoopback))
            {
                throw new ArgumentException($"{silo} is not https, and only on loopback may it be http.");
            }
        }
    }
}
