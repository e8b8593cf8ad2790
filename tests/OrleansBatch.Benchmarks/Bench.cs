using OrleansBatch.Testing;

namespace OrleansBatch.Benchmarks;

/// <summary>A scheduler of its own for a measurement, with default settings.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly SiloProcess _silo;

    private Bench(string folder, SiloProcess silo)
    {
        Folder = folder;
        _silo = silo;
        Client = new(silo.Endpoint);
    }

    public string Folder { get; }

    public BatchClient Client { get; }

    public static async Task<Bench> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("orleansbatch-bench-").FullName;
        return new(folder, await SiloProcess.StartAsync(Path.Combine(folder, "data"), null, "--bare", "--stop-jobs"));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _silo.InterruptAsync();
        await _silo.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
