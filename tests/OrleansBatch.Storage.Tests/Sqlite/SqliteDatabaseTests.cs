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
    public async Task The_log_streams_of_an_earlier_program_are_found_by_the_rows_of_its_jobs()
    {
        Execute(SqliteSchema.Migrations[0]);
        Execute("PRAGMA user_version = 1; PRAGMA application_id = 0x4F724261;");
        Execute("INSERT INTO queues (id, key) VALUES (1, '123456789012/us-east-1/q')");
        Insert(1, """{"attempts":[{"startedAt":1000,"stoppedAt":2000,"logStream":"a/default/1"},{"stoppedAt":2500},{"startedAt":3000,"stoppedAt":4000,"logStream":"a/default/2"}]}""", "{}");
        Insert(2, """{"attempts":[{"startedAt":500,"stoppedAt":900,"logStream":"b/default/1"}]}""", """{"container":{"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"mine"}}}}""");
        Insert(3, """{"attempts":[{"startedAt":600,"stoppedAt":901,"logStream":"c/default/1"}]}""", """{"container":{"logConfiguration":{"logDriver":"syslog","options":{"awslogs-group":"mine"}}}}""");
        Insert(4, "{}", "{}");

        await using var database = Open();
        var logs = new SqliteLogStore(database);

        Assert.Equal("/aws/batch/job mine", string.Join(' ', (await logs.ListGroupsAsync(AJob.Scope, "", 10, CancellationToken.None)).Select(group => group.Name)));
        Assert.Equal(["c/default/1", "a/default/1", "a/default/2"], await StreamsAsync("/aws/batch/job"));
        Assert.Equal(["b/default/1"], await StreamsAsync("mine"));

        async Task<IEnumerable<string>> StreamsAsync(string group) => (await logs.ListStreamsAsync(
            new() { Group = new(AJob.Scope, group), Order = LogStreamOrder.End, Limit = 10 }, CancellationToken.None)).Streams.Select(one => one.Stream.Stream);

        void Insert(int id, string state, string spec)
        {
            Execute($"""
                INSERT INTO jobs (sequence, version, status, queue, created_at, has_reason, vcpu_millis, memory_mib, gpus, definition_revision, job_id, name, name_folded, definition_name, state)
                VALUES ({id}, 1, 5, 1, 1, 0, 1, 1, 0, 1, 'job-{id}', 'n', 'n', 'd', '{state}')
                """);
            Execute($"INSERT INTO job_specs (sequence, spec) VALUES ({id}, '{spec}')");
        }
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
