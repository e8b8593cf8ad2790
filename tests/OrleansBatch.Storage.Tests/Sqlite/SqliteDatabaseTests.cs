using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Storage.Sqlite;
using OrleansBatch.Storage.Tests.Stores;

namespace OrleansBatch.Storage.Tests.Sqlite;

/// <summary>The file itself: opened, refused, killed, and read by the right indexes.</summary>
public sealed class SqliteDatabaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleansbatch-database-");

    private string DatabasePath => Path.Combine(_folder.FullName, "store.db");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_of_a_newer_program_is_refused()
    {
        await using (Open())
        {
        }

        Execute("PRAGMA user_version = 99");

        Assert.Contains("newer program", Assert.Throws<JobStoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_the_first_schema_is_brought_up_to_date_and_keeps_its_answers()
    {
        Execute(SqliteSchema.Migrations[0]);
        Execute("PRAGMA user_version = 1; PRAGMA application_id = 0x4F724261;");
        Execute("INSERT INTO invocations (hash, at, key, answer) VALUES (7, 1, 'call', 'answer')");

        await using var database = Open();
        var store = new SqliteJobStore(database);
        Assert.Equal("answer", await store.ReadInvocationAsync("call", CancellationToken.None));
        var result = await store.CommitAsync(AJob.Step(AJob.New("a")) with { Invocation = new("later", "other", AJob.Noon) }, CancellationToken.None);
        Assert.Equal(StepOutcome.Committed, result.Outcome);
    }

    [Fact]
    public void A_file_of_another_program_is_refused()
    {
        Execute("CREATE TABLE theirs (a)");
        Assert.Contains("another program", Assert.Throws<JobStoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_refused()
    {
        File.WriteAllText(DatabasePath, string.Concat(Enumerable.Repeat("This is a diary. ", 100)));
        Assert.Contains("is not a SQLite database", Assert.Throws<JobStoreException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_named()
    {
        var path = Path.Combine(_folder.FullName, "none", "store.db");
        var failure = Assert.Throws<JobStoreException>(() => SqliteDatabase.Open(path, TimeProvider.System, NullLogger<SqliteDatabase>.Instance));
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_that_open_a_new_file_at_once_make_its_schema_once()
    {
        var databases = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Open)));
        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }

        await using var again = Open();
        Assert.Equal(1, await new SqliteJobStore(again).TakeEpochAsync("x", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var database = Open();
        await database.DisposeAsync();
        var store = new SqliteJobStore(database);

        await Assert.ThrowsAsync<JobStoreException>(() => store.TakeEpochAsync("x", CancellationToken.None));
        await Assert.ThrowsAsync<JobStoreException>(() => store.ReadInvocationAsync("x", CancellationToken.None));
        Assert.Equal(0, new FileInfo(DatabasePath + "-wal") is { Exists: true } log ? log.Length : 0);
    }

    [Fact]
    public async Task A_killed_program_loses_nothing_that_it_was_answered()
    {
        const int Enough = 400;
        var answered = new Dictionary<string, long>();
        using (var program = Process.Start(new ProcessStartInfo(Path.ChangeExtension(typeof(SqliteDatabaseTests).Assembly.Location, null))
        {
            ArgumentList = { CommitUntilKilled.Command, DatabasePath },
            RedirectStandardOutput = true,
        })!)
        {
            while (answered.Count < Enough && await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                Take(line);
            }

            program.Kill();
            // The last line may be cut off in the middle.
            var rest = (await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n');
            Array.ForEach(rest[..^1], Take);
            await program.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        await using var database = Open();
        var store = new SqliteJobStore(database);
        Assert.True(answered.Count >= Enough);
        foreach (var (jobId, version) in answered)
        {
            Assert.True((await store.ReadAsync(jobId, CancellationToken.None))?.Version >= version);
            Assert.Equal(jobId, await store.ReadInvocationAsync($"call {jobId}", CancellationToken.None));
        }

        void Take(string line) => answered[line.Split(' ')[0]] = long.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private SqliteDatabase Open() => SqliteDatabase.Open(DatabasePath, TimeProvider.System, NullLogger<SqliteDatabase>.Instance);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
