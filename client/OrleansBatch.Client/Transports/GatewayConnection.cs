using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using OrleansBatch.Certificates;
using OrleansBatch.GrainInterfaces.Jobs;

namespace OrleansBatch.Client.Transports;

/// <summary>A connection to an Orleans gateway. It is begun at once, while the command line is still read: it takes most of a short command's time.</summary>
public sealed class GatewayConnection : IAsyncDisposable
{
    /// <summary>The gateway's port when none is given, as the scheduler has it unless that port is taken.</summary>
    public const int DefaultPort = 30000;

    /// <summary>The id of a cluster that was given none, and of a scheduler alone on its machine.</summary>
    public const string DefaultClusterId = "orleansbatch";

    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(5);

    // Orleans itself would try for ever at a gateway that wants another certificate, or one at all.
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(15);

    private readonly Task<ServiceProvider> _connecting;

    private GatewayConnection(string address, string clusterId, PrivateIdentity? identity)
    {
        Address = address;
        ClusterId = clusterId;
        _connecting = Task.Run(() => ConnectAsync(address, clusterId, identity));
        _ = Task.Run(SerializerTypes.Load);
    }

    /// <summary>Host and port, as given.</summary>
    public string Address { get; }

    /// <summary>The cluster that it must be of.</summary>
    public string ClusterId { get; }

    /// <summary>Begins to connect.</summary>
    /// <param name="address">Host and port.</param>
    /// <param name="clusterId">The cluster's id, as its silos have it: a gateway of another lets nobody in.</param>
    /// <param name="identity">For mutual TLS; null: none.</param>
    public static GatewayConnection Begin(string address, string clusterId = DefaultClusterId, PrivateIdentity? identity = null) => new(address, clusterId, identity);

    /// <summary>Whether a text can be the id of a cluster: 1 to 64 letters, digits and dashes, as for the silos.</summary>
    public static bool IsClusterId(string text) => text.Length is >= 1 and <= 64 && text.All(character => char.IsAsciiLetterOrDigit(character) || character == '-');

    /// <summary>The cluster's grains, once connected.</summary>
    /// <exception cref="UnreachableException">No gateway is there.</exception>
    public async Task<IClusterClient> ConnectedAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await _connecting.WaitAsync(cancellationToken)).GetRequiredService<IClusterClient>();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (OperationCanceledException failure)
        {
            throw new UnreachableException($"The scheduler at gateway {Address}", "it did not answer in time", failure);
        }
        catch (Exception failure)
        {
            throw new UnreachableException($"The scheduler at gateway {Address}", failure.Message, failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            var provider = await _connecting;
            foreach (var service in provider.GetServices<IHostedService>().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }

            await provider.DisposeAsync();
        }
        catch (Exception)
        {
            // It was never connected, or is no more: who used it knows already.
        }
    }

    /// <summary>Reads <c>host:port</c> or <c>host</c>.</summary>
    /// <exception cref="FormatException">It is neither.</exception>
    public static (string Host, int Port) Parse(string address)
    {
        var colon = address.LastIndexOf(':');
        var isHostAlone = colon < 0;
        var host = isHostAlone ? address : address[..colon];
        var port = DefaultPort;
        return host.Length > 0 && (isHostAlone || int.TryParse(address[(colon + 1)..], CultureInfo.InvariantCulture, out port)) && port is > 0 and < 65536
            ? (host, port)
            : throw new FormatException($"'{address}' is not a gateway: expected host:port.");
    }

    private static async Task<ServiceProvider> ConnectAsync(string address, string clusterId, PrivateIdentity? identity)
    {
        var (host, port) = Parse(address);
        var ip = IPAddress.TryParse(host, out var parsed) ? parsed : (await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork))[0];

        // Orleans tries for long and says little: whether anybody listens is known at once.
        using (var probe = new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp))
        {
            using var patience = new CancellationTokenSource(ConnectPatience);
            await probe.ConnectAsync(ip, port, patience.Token);
        }

        var provider = Services(new(ip, port), clusterId, identity).BuildServiceProvider();
        foreach (var service in provider.GetServices<IHostedService>())
        {
            try
            {
                await service.StartAsync(CancellationToken.None).WaitAsync(StartPatience);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException(identity is null
                    ? $"it did not let us in; it may not be of cluster {clusterId} (--cluster-id), or want certificates: --ca, --certificate, --key"
                    : $"it did not let {identity.Name} in; it may not be of cluster {clusterId} (--cluster-id), want no certificates, or those of another authority");
            }
        }

        return provider;
    }

    /// <summary>What the client needs, without a host around it: configuration, log and lifetime of one would cost a start and serve nothing.</summary>
    private static ServiceCollection Services(IPEndPoint gateway, string clusterId, PrivateIdentity? identity)
    {
        // Orleans looks for grain interfaces among the assemblies that are loaded.
        _ = typeof(IJobsGrain).Assembly;
        var services = new ServiceCollection();
        _ = services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
            .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
            .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
            .AddOptions()
            .AddOrleansClient(client => client
                .UseStaticClustering(gateway)
                .Configure<ClientConnectionOptions>(connections =>
                {
                    if (identity is not null)
                    {
                        connections.ConfigureConnection(builder => builder.UseTlsAsClient(identity));
                    }
                })
                .Configure<ClusterOptions>(cluster => cluster.ClusterId = cluster.ServiceId = clusterId)
                .Configure<ClientMessagingOptions>(messaging => messaging.LocalAddress = IPAddress.Loopback));
        return services;
    }
}
