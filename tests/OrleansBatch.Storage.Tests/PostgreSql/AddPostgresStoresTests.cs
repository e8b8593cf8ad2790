using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Storage.Tests.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.PostgreSql;

/// <summary>Real silos on the database, which is empty as they start: they find each other in it, their grains keep their state, their stores their rows.</summary>
public sealed class AddPostgresStoresTests
{
    [Fact]
    public async Task Silos_find_each_other_and_everything_as_those_before_left_it()
    {
        var connection = await (await PostgresFixture.ServerAsync()).CreateDatabaseAsync();
        await WithSilosAsync(connection, async (client, services) =>
        {
            await client.GetGrain<AddSqliteStoresTests.INoteGrain>("a").Write("kept");
            await services.GetRequiredService<IJobStore>().CommitAsync(AJob.Step(AJob.New("a")), CancellationToken.None);
        });

        await WithSilosAsync(connection, async (client, services) =>
        {
            Assert.Equal("kept", await client.GetGrain<AddSqliteStoresTests.INoteGrain>("a").Read());
            Assert.Null(await client.GetGrain<AddSqliteStoresTests.INoteGrain>("b").Read());
            Assert.NotNull(await services.GetRequiredService<IJobStore>().ReadAsync("a", CancellationToken.None));
            Assert.Equal(0, await services.GetRequiredService<IJobDefinitionStore>().HighestRevisionAsync(AJob.Scope, "a", CancellationToken.None));
        });
    }

    private static async Task WithSilosAsync(string connection, Func<IClusterClient, IServiceProvider, Task> use)
    {
        using IHost one = Silo(connection), other = Silo(connection);
        await Task.WhenAll(one.StartAsync(), other.StartAsync());
        var client = one.Services.GetRequiredService<IClusterClient>();
        Assert.Equal(2, (await client.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Count);
        await use(client, one.Services);
        await other.StopAsync();
        await one.StopAsync();
    }

    private static IHost Silo(string connection)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = ("test", "test"))
            .ConfigureEndpoints(IPAddress.Loopback, FreePort(), gatewayPort: 0)
            .UsePostgresClustering(connection)
            .AddPostgresStores(connection));
        return builder.Build();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
