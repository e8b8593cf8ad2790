using OrleansBatch.Client.Output;
using OrleansBatch.Testing;

[assembly: AssemblyFixture(typeof(OrleansBatch.Client.Tests.SchedulerFixture))]

namespace OrleansBatch.Client.Tests;

/// <summary>One scheduler for all tests: the program as a user starts it, with its default resources and room for many jobs.</summary>
public sealed class SchedulerFixture : IAsyncLifetime
{
    /// <summary>A queue with room for many jobs.</summary>
    public const string Roomy = "roomy";

    /// <summary>A queue in which no job ever fits.</summary>
    public const string Full = "full";

    private readonly string _folder = Directory.CreateTempSubdirectory("orleansbatch-client-").FullName;
    private SiloProcess? _silo;

    public SiloProcess Silo => _silo ?? throw new InvalidOperationException("The scheduler is not running.");

    public async ValueTask InitializeAsync()
    {
        _silo = await SiloProcess.StartAsync(Path.Combine(_folder, "data"), null, "--stop-jobs", "--gpus", "2");
        foreach (var (name, vcpus) in new[] { (Roomy, "64"), (Full, "0") })
        {
            await MustAsync("environments", "create", name, "--max-vcpus", vcpus);
            await MustAsync("queues", "create", name, "--environment", name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_silo is { } silo)
        {
            await silo.InterruptAsync();
            await silo.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task MustAsync(params string[] arguments)
    {
        var surroundings = new Surroundings();
        var code = await ConsoleProgram.RunAsync([.. arguments, "--endpoint", Silo.Endpoint.ToString()], surroundings.Terminal);
        Assert.True(code == ExitCodes.Done, surroundings.Error);
    }
}
