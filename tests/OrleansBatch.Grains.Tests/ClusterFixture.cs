[assembly: AssemblyFixture(typeof(OrleansBatch.Grains.Tests.ClusterFixture))]

namespace OrleansBatch.Grains.Tests;

/// <summary>The scheduler that the tests of this assembly share; each has its own names in it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-grains-").FullName;

    internal Batch Batch { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Batch = await Batch.StartAsync(Path.Combine(_folder, "batch.db"));

    public async ValueTask DisposeAsync()
    {
        await Batch.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
