using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

/// <summary>A program that commits as fast as it can and prints what was answered, until it is killed.</summary>
internal static class CommitUntilKilled
{
    public const string Command = "commit-until-killed";

    private const int Callers = 16;

    public static async Task RunAsync(string path)
    {
        await using var database = SqliteDatabase.Open(path, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);
        var store = new SqliteJobStore(database);
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => RunAsync(store, caller)));
    }

    private static async Task RunAsync(SqliteJobStore store, int caller)
    {
        for (var job = 0; ; job++)
        {
            var id = $"{caller}-{job}";
            var call = new InvocationRecord($"call {id}", id, TimeProvider.System.GetUtcNow());
            await store.CommitAsync(AJob.Step(AJob.New(id)) with { Invocation = call }, CancellationToken.None);
            await Console.Out.WriteLineAsync($"{id} 1");
            await store.CommitAsync(AJob.Write(id, 1, AJob.In(JobStatus.Starting)), CancellationToken.None);
            await Console.Out.WriteLineAsync($"{id} 2");
        }
    }
}
