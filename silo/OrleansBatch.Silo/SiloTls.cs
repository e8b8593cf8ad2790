using Orleans.Configuration;
using OrleansBatch.Certificates;

namespace OrleansBatch.Silo;

/// <summary>Mutual TLS on the silo's own ports.</summary>
internal static class SiloTls
{
    /// <summary>Silos speak only to silos of the authority; the gateway to silos and consoles, never to a node: behind it any grain may be called.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="identity">Null: no TLS.</param>
    public static ISiloBuilder UsePrivateTls(this ISiloBuilder silo, PrivateIdentity? identity) => identity is null ? silo : silo.Configure<SiloConnectionOptions>(connections =>
    {
        connections.ConfigureSiloInboundConnection(builder => builder.UseTlsAsServer(identity, Role.Silo));
        connections.ConfigureSiloOutboundConnection(builder => builder.UseTlsAsClient(identity));
        connections.ConfigureGatewayInboundConnection(builder => builder.UseTlsAsServer(identity, Role.Silo, Role.Client));
    });
}
