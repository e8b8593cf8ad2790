using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansBatch.Certificates;
using OrleansBatch.Silo.Options;

namespace OrleansBatch.Silo.Tests;

/// <summary>Silos and a client of their gateways with mutual TLS on loopback.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly byte[] Nonsense = new byte[1024];

    private readonly Papers _papers = new();

    [Fact]
    public async Task Two_silos_form_a_cluster_over_tls_and_hear_nobody_else()
    {
        var port = FreePort.Or(0);
        using var first = await StartAsync(port, primary: null);
        using var second = await StartAsync(FreePort.Or(0), primary: port);
        var management = first.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        await Eventually.True(() => management.GetHosts(onlyActive: true).GetAwaiter().GetResult().Count == 2);

        // Every silo answers for itself: the one that was asked calls the other.
        Assert.Equal(2, (await management.GetRuntimeStatistics([.. (await management.GetHosts(true)).Keys])).Length);
        Assert.Equal(SslProtocols.Tls13, await ProtocolAsync(port, _papers.Silo));
        using var foreign = new Papers();
        var (certificate, key) = foreign.FilesOf(Role.Silo, "silo", "localhost");
        Assert.False(await IsHeardAsync(port, PrivateIdentity.Read(_papers.Authority, certificate, key)));
        Assert.False(await IsHeardAsync(port, _papers.Node("i-0123456789abcdef0")));
        Assert.False(await IsHeardAsync(port, _papers.Issue(Role.Client, "ops")));
        Assert.False(await IsHeardAsync(port, identity: null));
        await second.StopAsync();
        await first.StopAsync();
    }

    [Fact]
    public async Task A_gateway_serves_consoles_and_no_nodes()
    {
        var gateway = FreePort.Or(0);
        using var silo = await StartAsync(FreePort.Or(0), primary: null, gateway);

        using var client = await ConnectAsync(gateway, _papers.Issue(Role.Client, "ops"));

        Assert.Single(await client.Services.GetRequiredService<IClusterClient>().GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true));
        Assert.False(await IsHeardAsync(gateway, _papers.Node("i-0123456789abcdef0")));
        Assert.False(await IsHeardAsync(gateway, identity: null));
        await client.StopAsync();
        await silo.StopAsync();
    }

    [Fact]
    public async Task Who_connects_says_nothing_to_a_peer_of_another_authority_or_to_one_that_is_no_silo()
    {
        using var foreign = new Papers();

        await Assert.ThrowsAsync<AuthenticationException>(() => GreetAsync(server: foreign.Silo, client: _papers.Silo));
        await Assert.ThrowsAsync<AuthenticationException>(() => GreetAsync(server: _papers.Issue(Role.Node, "i-0123456789abcdef0", "localhost"), client: _papers.Silo));
        await GreetAsync(server: _papers.Silo, client: _papers.Silo);
    }

    public void Dispose() => _papers.Dispose();

    private async Task<IHost> StartAsync(int port, int? primary, int? gateway = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(port, gateway ?? FreePort.Or(0), primary is { } first ? new(IPAddress.Loopback, first) : null)
            .UsePrivateTls(_papers.Silo));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static async Task<IHost> ConnectAsync(int gateway, PrivateIdentity identity)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client => client
            .UseLocalhostClustering(gateway)
            .Configure<ClientConnectionOptions>(connections => connections.ConfigureConnection(connection => connection.UseTlsAsClient(identity))));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Whether anything but the end comes back from a port to who introduces itself and then talks.</summary>
    private static async Task<bool> IsHeardAsync(int port, PrivateIdentity? identity)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        try
        {
            Stream stream = client.GetStream();
            if (identity is not null)
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsClientAsync(identity.AsClient(host: null));
                stream = secured;
            }

            // Nonsense before the first byte comes back would end the connection for that reason alone, so only who is refused is waited for.
            if (identity is null)
            {
                await stream.WriteAsync(Nonsense);
            }

            return await stream.ReadAsync(new byte[1]) > 0;
        }
        catch (Exception problem) when (problem is IOException or AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<SslProtocols> ProtocolAsync(int port, PrivateIdentity identity)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        await using var secured = new SslStream(client.GetStream());
        await secured.AuthenticateAsClientAsync(identity.AsClient(host: null));
        return secured.SslProtocol;
    }

    private static async Task GreetAsync(PrivateIdentity server, PrivateIdentity client)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var calling = new TcpClient();
        await calling.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var called = await listener.AcceptTcpClientAsync();
        await using var there = new SslStream(called.GetStream());
        await using var here = new SslStream(calling.GetStream());
        var answering = there.AuthenticateAsServerAsync(server.AsServer(Role.Silo));
        try
        {
            await here.AuthenticateAsClientAsync(client.AsClient(host: null));
        }
        finally
        {
            calling.Close();
            await answering.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
