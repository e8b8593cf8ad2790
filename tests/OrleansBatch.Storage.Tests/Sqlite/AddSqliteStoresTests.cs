using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

/// <summary>A real silo on the file: its grains keep their state, its stores their rows.</summary>
public sealed class AddSqliteStoresTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleansbatch-silo-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_silo_finds_everything_as_the_one_before_left_it()
    {
        await WithSiloAsync(async (client, services) =>
        {
            await client.GetGrain<INoteGrain>("a").Write("kept");
            await services.GetRequiredService<IJobStore>().CommitAsync(AJob.Step(AJob.New("a")), CancellationToken.None);
        });

        await WithSiloAsync(async (client, services) =>
        {
            Assert.Equal("kept", await client.GetGrain<INoteGrain>("a").Read());
            Assert.Null(await client.GetGrain<INoteGrain>("b").Read());
            Assert.NotNull(await services.GetRequiredService<IJobStore>().ReadAsync("a", CancellationToken.None));
            Assert.Equal(0, await services.GetRequiredService<IJobDefinitionStore>().HighestRevisionAsync(AJob.Scope, "a", CancellationToken.None));
        });
    }

    private async Task WithSiloAsync(Func<IClusterClient, IServiceProvider, Task> use)
    {
        var builder = new InProcessTestClusterBuilder(initialSilosCount: 1);
        builder.ConfigureSilo((_, silo) => silo.AddSqliteStores(Path.Combine(_folder.FullName, "store.db")));
        await using var cluster = builder.Build();
        await cluster.DeployAsync();
        await use(cluster.Client, cluster.Silos[0].ServiceProvider);
    }

    [Alias("OrleansBatch.Storage.Tests.INoteGrain")]
    internal interface INoteGrain : IGrainWithStringKey
    {
        [Alias("Write")]
        Task Write(string text);

        [Alias("Read")]
        Task<string?> Read();
    }

    internal sealed class NoteGrain(
        [PersistentState("note", SqliteStoresExtensions.ConfigurationStorage)] IPersistentState<Note> note) : Grain, INoteGrain
    {
        public async Task Write(string text)
        {
            note.State = new() { Text = text };
            await note.WriteStateAsync();
        }

        public Task<string?> Read() => Task.FromResult(note.State.Text);
    }

    [GenerateSerializer, Alias("OrleansBatch.Storage.Tests.Note")]
    internal sealed record Note
    {
        [Id(0)] public string? Text { get; init; }
    }
}
