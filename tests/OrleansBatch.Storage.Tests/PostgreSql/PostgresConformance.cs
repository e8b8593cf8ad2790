using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.PostgreSql;

public sealed class PostgresJobStepTests : JobStepConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresJobListingTests : JobListingConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresUnfinishedWorkTests : UnfinishedWorkConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresArrayTests : ArrayConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresMultiNodeTests : MultiNodeConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresEventTests : EventConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresWebhookStoreTests : WebhookStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresDependencyTests : DependencyConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresConsumableTests : ConsumableConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresHostTests : HostConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresShareTests : ShareConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresJobStoreFailureTests : JobStoreFailureConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresJobStoreModelTests : JobStoreModelConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresJobStoreDisturbedModelTests : JobStoreDisturbedModelConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresJobDefinitionStoreTests : JobDefinitionStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresGrainStorageTests : GrainStorageConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresLogStoreTests : LogStoreConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresNodeTests : NodeConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}

public sealed class PostgresShippedLogTests : ShippedLogConformance
{
    protected override Task<StoreUnderTest> OpenAsync() => PostgresStoreUnderTest.NewAsync();
}
