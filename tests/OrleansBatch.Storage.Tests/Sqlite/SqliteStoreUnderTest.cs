using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

/// <summary>SQLite in a folder of its own.</summary>
internal sealed class SqliteStoreUnderTest : StoreUnderTest
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleansbatch-store-");
    private int _crashes;

    private SqliteStoreUnderTest() => Database = Open();

    public SqliteDatabase Database { get; private set; }

    public string Path => System.IO.Path.Combine(_folder.FullName, $"{_crashes}.db");

    public override IJobStore Jobs => new SqliteJobStore(Database);

    public override IJobDefinitionStore Definitions => new SqliteJobDefinitionStore(Database);

    public override ILogStore Logs => new SqliteLogStore(Database);

    public override IShippedLogStore ShippedLogs => new SqliteShippedLogStore(Database);

    public override IEventStore Events => new SqliteEventStore(Database);

    public override IWebhookStore Webhooks => new SqliteWebhookStore(Database);

    public override IConsumableStore Consumables => new SqliteConsumableStore(Database);

    public override IHostStore Hosts => new SqliteHostStore(Database);

    public override INodeStore Nodes => new SqliteNodeStore(Database);

    public override IGrainStorage Grains => new SqliteGrainStorage(Database, Activators);

    public static Task<StoreUnderTest> NewAsync() => Task.FromResult<StoreUnderTest>(new SqliteStoreUnderTest());

    public override async Task ReopenAsync()
    {
        await Database.DisposeAsync();
        Database = Open();
    }

    public override async Task CrashAsync()
    {
        // What lies on the disk this moment, with a log that nobody folded in.
        var before = (Database, Path);
        _crashes++;
        foreach (var suffix in new[] { "", "-wal" })
        {
            File.Copy(before.Path + suffix, Path + suffix);
        }

        Assert.NotEqual(0, new FileInfo(Path + "-wal").Length);
        Database = Open();
        await before.Database.DisposeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private SqliteDatabase Open() => SqliteDatabase.Open(Path, Clock, NullLogger.Instance, Fault);
}
