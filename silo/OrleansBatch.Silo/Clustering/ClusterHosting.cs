using System.Net;
using Orleans.Configuration;
using OrleansBatch.Silo.Options;

namespace OrleansBatch.Silo.Clustering;

/// <summary>Makes a silo one of a cluster, where it is soon found out when one has died, or the only one of a machine.</summary>
internal static class ClusterHosting
{
    /// <summary>How long a call between silos, or from a client, may take. A silo that has died is known to be dead before: the call is made again elsewhere.</summary>
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The only silo, for callers on this machine.</summary>
    public static ISiloBuilder UseOneMachine(this ISiloBuilder silo, BatchOptions options) => silo
        .UseLocalhostClustering(FreePort.Or(options.SiloPort), options.GatewayPort!.Value, serviceId: "orleansbatch", clusterId: "orleansbatch")
        .Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = IPAddress.Loopback;
            endpoint.SiloListeningEndpoint = new(IPAddress.Loopback, endpoint.SiloPort);
            endpoint.GatewayListeningEndpoint = new(IPAddress.Loopback, endpoint.GatewayPort);
        });

    /// <summary>One of a cluster.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">The program's settings; the gateway's port is chosen.</param>
    public static ISiloBuilder UseCluster(this ISiloBuilder silo, BatchOptions options)
    {
        var address = IPAddress.Parse(options.Address);
        return silo
            .Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = options.ClusterId;
                cluster.ServiceId = options.ClusterId;
            })
            .Configure<EndpointOptions>(endpoint =>
            {
                endpoint.AdvertisedIPAddress = address;
                endpoint.SiloPort = FreePort.Or(options.SiloPort, address);
                endpoint.GatewayPort = options.GatewayPort!.Value;
                endpoint.SiloListeningEndpoint = new(address, endpoint.SiloPort);
                endpoint.GatewayListeningEndpoint = new(address, endpoint.GatewayPort);
            })
            .Configure<ClusterMembershipOptions>(membership =>
            {
                // Two seconds of silence, and a second silo that says so: a silo that is only slow is not put out for one lost packet.
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 2;
                membership.NumVotesForDeathDeclaration = 2;
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
                membership.DefunctSiloCleanupPeriod = TimeSpan.FromHours(1);
                membership.DefunctSiloExpiration = TimeSpan.FromDays(1);
            })
            .Configure<SiloMessagingOptions>(messaging =>
            {
                messaging.ResponseTimeout = ResponseTimeout;
                messaging.SystemResponseTimeout = ResponseTimeout;
            })
            .Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout);
    }
}
