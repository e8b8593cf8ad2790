using System.Diagnostics;
using OrleansBatch.Testing;

namespace OrleansBatch.Benchmarks;

/// <summary>A scheduler of its own for a measurement, with default settings.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly SiloProcess _silo;
    private int? _supervisorId;

    private Bench(string folder, SiloProcess silo)
    {
        Folder = folder;
        _silo = silo;
        Client = new(silo.Endpoint);
    }

    public string Folder { get; }

    public Uri Endpoint => _silo.Endpoint;

    public string Gateway => _silo.Gateway;

    public BatchClient Client { get; }

    public static async Task<Bench> StartAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("orleansbatch-bench-").FullName;
        return new(folder, await SiloProcess.StartAsync(Path.Combine(folder, "data"), null, ["--bare", "--stop-jobs", .. arguments]));
    }

    /// <summary>Processor time that each part has used so far; that of the jobs is nobody's.</summary>
    public PartTimes ProcessorTime()
    {
        using var silo = Process.GetProcessById(_silo.ProcessId);
        using var self = Process.GetCurrentProcess();
        return new(silo.TotalProcessorTime, SupervisorTime(), self.TotalProcessorTime);
    }

    private TimeSpan SupervisorTime()
    {
        using var process = Process.GetProcessById(_supervisorId ??= Supervisors.Of(Folder));
        return process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _silo.InterruptAsync();
        await _silo.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>Processor time of the scheduler, its supervisor and the measuring client.</summary>
internal sealed record PartTimes(TimeSpan Scheduler, TimeSpan Supervisor, TimeSpan Client)
{
    public static PartTimes operator -(PartTimes left, PartTimes right) =>
        new(left.Scheduler - right.Scheduler, left.Supervisor - right.Supervisor, left.Client - right.Client);
}
