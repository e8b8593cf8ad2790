using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
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

    /// <summary>Two activations of one grain, in clusters that know nothing of each other: as after a partition, or while a silo is given up that still lives.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Of_two_activations_that_write_a_grains_first_state_one_loses(int seed)
    {
        var random = new Random(seed);
        var connection = await (await PostgresFixture.ServerAsync()).CreateDatabaseAsync();
        using IHost one = Silo(connection), other = Silo(connection, "other");
        await Task.WhenAll(one.StartAsync(), other.StartAsync());
        for (var n = 0; n < 5; n++)
        {
            var notes = new[] { one, other }.Select(silo => silo.Services.GetRequiredService<IClusterClient>().GetGrain<AddSqliteStoresTests.INoteGrain>($"note {n}")).ToList();
            foreach (var note in notes)
            {
                Assert.Null(await note.Read());
            }

            var writers = notes.Index().OrderBy(_ => random.Next()).Select(note => (note.Index, Written: note.Item.Write($"{note.Index}"))).ToList();
            List<int> succeeded = [];
            foreach (var (index, written) in writers)
            {
                try
                {
                    await written;
                    succeeded.Add(index);
                }
                catch (Exception exception) when (exception is InconsistentStateException or OrleansException)
                {
                    // It was the one that lost.
                }
            }

            Assert.Single(succeeded);
        }

        await other.StopAsync();
        await one.StopAsync();
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

    private static IHost Silo(string connection, string cluster = "test")
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.UseOrleans(silo => silo
            .Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (cluster, "test"))
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
