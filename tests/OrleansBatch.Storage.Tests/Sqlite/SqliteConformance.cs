using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

public sealed class SqliteJobStepTests : JobStepConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteJobListingTests : JobListingConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteUnfinishedWorkTests : UnfinishedWorkConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteArrayTests : ArrayConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteMultiNodeTests : MultiNodeConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteEventTests : EventConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteWebhookStoreTests : WebhookStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteDependencyTests : DependencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteConsumableTests : ConsumableConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteHostTests : HostConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteNodeTests : NodeConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteShareTests : ShareConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteJobStoreFailureTests : JobStoreFailureConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteJobStoreModelTests : JobStoreModelConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteJobStoreDisturbedModelTests : JobStoreDisturbedModelConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteJobDefinitionStoreTests : JobDefinitionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteGrainStorageTests : GrainStorageConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteLogStoreTests : LogStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}

public sealed class SqliteShippedLogTests : ShippedLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => SqliteStoreUnderTest.NewAsync();
}
