using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansBatch.Grains;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.PostgreSql;

/// <summary>PostgreSQL in a database that nobody else uses.</summary>
internal sealed class PostgresStoreUnderTest : StoreUnderTest
{
    private PostgresStoreUnderTest(string connectionString) => ConnectionString = connectionString;

    public string ConnectionString { get; }

    public PostgresDatabase Database { get; private set; } = null!;

    public override IJobStore Jobs => new PostgresJobStore(Database);

    public override IJobDefinitionStore Definitions => new PostgresJobDefinitionStore(Database);

    public override ILogStore Logs => new PostgresLogStore(Database);

    public override IShippedLogStore ShippedLogs => new PostgresShippedLogStore(Database);

    public override IEventStore Events => new PostgresEventStore(Database);

    public override IWebhookStore Webhooks => new PostgresWebhookStore(Database);

    public override IConsumableStore Consumables => new PostgresConsumableStore(Database);

    public override IHostStore Hosts => new PostgresHostStore(Database);

    public override INodeStore Nodes => new PostgresNodeStore(Database);

    public override IGrainStorage Grains => GrainStorage;

    private PostgresGrainStorage GrainStorage { get; set; } = null!;

    public static async Task<StoreUnderTest> NewAsync() => await OnAsync(await PostgresFixture.DatabaseAsync());

    /// <summary>On a database that the fixture has given.</summary>
    public static async Task<PostgresStoreUnderTest> OnAsync(string connectionString)
    {
        var store = new PostgresStoreUnderTest(connectionString);
        await store.OpenAsync();
        return store;
    }

    public override async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        await OpenAsync();
    }

    /// <summary>The program that was killed says goodbye to nobody: another opens the database while its connections are still there.</summary>
    public override async Task CrashAsync()
    {
        var before = Database;
        await OpenAsync();
        await before.DisposeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        await PostgresFixture.GiveBackAsync(ConnectionString);
    }

    private async Task OpenAsync()
    {
        Database = await PostgresDatabase.OpenAsync(ConnectionString, Clock, NullLogger.Instance, Fault, CancellationToken.None);
        GrainStorage = PostgresStoresExtensions.GrainStorage(
            Database, Activators, Options.Create(new ClusterOptions { ServiceId = "test" }), NullLogger<AdoNetGrainStorage>.Instance, StorageNames.Configuration);
        var lifecycle = new SiloLifecycleSubject(NullLogger<SiloLifecycleSubject>.Instance);
        GrainStorage.Participate(lifecycle);
        await lifecycle.OnStart(CancellationToken.None);
    }
}
