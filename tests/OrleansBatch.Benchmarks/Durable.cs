using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains;
using OrleansBatch.Model;
using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Testing;
using Spectre.Console;

namespace OrleansBatch.Benchmarks;

/// <summary>Whole lives of jobs on PostgreSQL, beside bare grains that write as much state through Orleans' own provider, in the same run.</summary>
internal static class Durable
{
    private const string Name = "bench";

    private static readonly Scope Scope = new("123456789012", "us-east-1");

    public static async Task RunAsync(int jobs, int rounds, int callers)
    {
        if (PostgresServer.WhyMissing is { } missing)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{missing}[/]");
            return;
        }

        AnsiConsole.MarkupLineInterpolated(
            $"[bold]Durable lives[/]: {jobs} jobs a round, {callers} callers, {rounds} rounds. Ours: SubmitJob through the grain, queued, placed, RUNNING and the end reported at once, all events stored. Beside it, interleaved: a bare grain for each job that writes the same state three times through the stock AdoNet provider.");
        await using var server = await PostgresServer.StartAsync();
        var database = await server.CreateDatabaseAsync();
        using var host = Build(database);
        await host.StartAsync();
        var grains = host.Services.GetRequiredService<IGrainFactory>();
        await using var agent = new InstantAgent(grains);
        await SetUpAsync(grains, agent);
        // Until both are compiled for speed: cold, a third of our processor time goes into the compiler.
        _ = await OursAsync(grains, agent, jobs, callers);
        _ = await StockAsync(grains, jobs / 4, callers);

        List<double> ratios = [];
        var table = new Table().Border(TableBorder.Simple).AddColumns("Round", "Stock lives/s", "µs of CPU", "Our lives/s", "µs of CPU", "Ratio");
        for (var round = 1; round <= rounds; round++)
        {
            var stock = await StockAsync(grains, jobs / 4, callers);
            var ours = await OursAsync(grains, agent, jobs, callers);
            ratios.Add(ours.PerSecond / stock.PerSecond);
            table.AddRow($"{round}", $"{stock.PerSecond:F0}", $"{stock.Microseconds:F0}", $"{ours.PerSecond:F0}", $"{ours.Microseconds:F0}", $"{ratios[^1]:F2}");
        }

        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine("CPU: of this process, for each life; without PostgreSQL's.");
        AnsiConsole.MarkupLineInterpolated($"Median ratio [bold]{Statistics.Percentile(ratios, 50):F2}[/]");
        await host.StopAsync();
    }

    private static IHost Build(string database)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo
            .UseLocalhostClustering(siloPort: 21_111, gatewayPort: 0, serviceId: Name, clusterId: Name)
            .AddPostgresStores(database)
            .AddAdoNetGrainStorage(StockGrain.Storage, options =>
            {
                options.Invariant = "Npgsql";
                options.ConnectionString = database;
            }));
        builder.Services.AddBatchGrains();
        return builder.Build();
    }

    private static async Task SetUpAsync(IGrainFactory grains, InstantAgent agent)
    {
        _ = await grains.GetGrain<IComputeEnvironmentsGrain>(Scope.Key).Create(new() { ComputeEnvironmentName = Name, Type = "UNMANAGED" }, null, CancellationToken.None);
        _ = await grains.GetGrain<IJobQueuesGrain>(Scope.Key).Create(
            new() { JobQueueName = Name, Priority = 1, ComputeEnvironmentOrder = [new() { Order = 1, ComputeEnvironment = Name }] }, null, CancellationToken.None);
        _ = await grains.GetGrain<IJobDefinitionsGrain>(Scope.Key).Register(
            new()
            {
                JobDefinitionName = Name,
                Type = "container",
                ContainerProperties = new()
                {
                    Image = "host",
                    Command = ["/bin/true"],
                    ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }],
                },
            },
            null,
            CancellationToken.None);
        await agent.ConnectAsync();
    }

    /// <summary>From the first SubmitJob to the last end that is settled.</summary>
    private static async Task<Pace> OursAsync(IGrainFactory grains, InstantAgent agent, int jobs, int callers)
    {
        var before = agent.Settled;
        var begun = Pace.Begin();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            var door = grains.GetGrain<IJobsGrain>(Scope.Key);
            while (Interlocked.Increment(ref next) is var number && number <= jobs)
            {
                _ = await door.Submit(new() { JobName = "life", JobQueue = Name, JobDefinition = Name }, new() { Key = Guid.NewGuid().ToString() }, CancellationToken.None);
            }
        }));
        await agent.UntilSettledAsync(before + jobs);
        return begun.After(jobs);
    }

    private static async Task<Pace> StockAsync(IGrainFactory grains, int lives, int callers)
    {
        var begun = Pace.Begin();
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= lives)
            {
                await grains.GetGrain<IStockGrain>(Guid.CreateVersion7().ToString()).Live();
            }
        }));
        return begun.After(lives);
    }

    /// <summary>How fast, and for how much processor time.</summary>
    private sealed record Pace(double PerSecond, double Microseconds)
    {
        public static Begun Begin() => new(Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);

        /// <summary>When it began, and what the process had used.</summary>
        public readonly record struct Begun(long At, TimeSpan Used)
        {
            public Pace After(int lives) => new(lives / Stopwatch.GetElapsedTime(At).TotalSeconds, (Environment.CpuUsage.TotalTime - Used).TotalMicroseconds / lives);
        }
    }
}
