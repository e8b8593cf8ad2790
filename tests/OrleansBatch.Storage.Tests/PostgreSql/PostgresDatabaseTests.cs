using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using OrleansBatch.Core.Events;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.PostgreSql;
using OrleansBatch.Storage.Tests.Stores;
using OrleansBatch.Testing;

namespace OrleansBatch.Storage.Tests.PostgreSql;

/// <summary>How a database begins, whose it is, and what it survives.</summary>
public sealed class PostgresDatabaseTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Silos_that_start_at_once_make_the_tables_once()
    {
        var connection = await EmptyAsync();

        var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(connection)));

        await Task.WhenAll(opened.Select((database, index) => new PostgresJobStore(database).CommitAsync(AJob.Step(AJob.New($"{index}")), Token)));
        Assert.Equal(4, (await new PostgresJobStore(opened[0]).ReadManyAsync(AJob.Scope, ["0", "1", "2", "3"], Token)).Count);
        await Task.WhenAll(opened.Select(database => database.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        var connection = await PostgresFixture.DatabaseAsync();
        await ExecuteAsync(connection, "UPDATE orleansbatch_schema SET version = version + 7");

        var refused = await Assert.ThrowsAsync<JobStoreException>(() => OpenAsync(connection));

        Assert.Contains("newer program", refused.Message, StringComparison.Ordinal);
        await ExecuteAsync(connection, "UPDATE orleansbatch_schema SET version = version - 7");
        await PostgresFixture.GiveBackAsync(connection);
    }

    [Fact]
    public async Task A_database_with_tables_of_somebody_else_is_left_alone()
    {
        var connection = await EmptyAsync();
        await ExecuteAsync(connection, "CREATE TABLE epochs (a integer)");

        var refused = await Assert.ThrowsAsync<JobStoreException>(() => OpenAsync(connection));

        Assert.Contains("'epochs'", refused.Message, StringComparison.Ordinal);
        await ExecuteAsync(connection, "DROP TABLE epochs");
        await (await OpenAsync(connection)).DisposeAsync();
    }

    [Theory]
    [InlineData("Database=none", "Create the database first")]
    [InlineData("Port=1", "cannot be reached")]
    [InlineData("Username=nobody", "does not accept the user")]
    [InlineData("Nonsense=1", "is not one of PostgreSQL")]
    public async Task What_is_wrong_with_a_connection_is_said(string wrong, string said)
    {
        var server = await PostgresFixture.ServerAsync();

        var refused = await Assert.ThrowsAsync<JobStoreException>(() => OpenAsync($"{server.ConnectionString};{wrong}"));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_checks_the_servers_name_and_certificate_works_and_another_authority_is_refused()
    {
        await using var server = await StartAsync();
        var (authority, certificate, key) = Certificates("localhost");
        await server.UseCertificateAsync(certificate, key);
        var folder = Directory.CreateTempSubdirectory("orleansbatch-tls-");
        var (right, wrong) = (Path.Combine(folder.FullName, "right.pem"), Path.Combine(folder.FullName, "wrong.pem"));
        await File.WriteAllTextAsync(right, authority, Token);
        await File.WriteAllTextAsync(wrong, Certificates("localhost").Authority, Token);
        var settings = new NpgsqlConnectionStringBuilder(await server.CreateDatabaseAsync()) { Host = "localhost", SslMode = SslMode.VerifyFull, RootCertificate = right };

        await using (var database = await OpenAsync(settings.ConnectionString))
        {
            await new PostgresJobStore(database).CommitAsync(AJob.Step(AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable)] }), Token);
            await new PostgresEventStore(database).WaitAsync(EventPosition.Start, Token);
        }

        settings.RootCertificate = wrong;
        await Assert.ThrowsAsync<JobStoreException>(() => OpenAsync(settings.ConnectionString));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_server_that_is_started_anew_is_found_again_by_all()
    {
        await using var server = await StartAsync();
        var connection = await server.CreateDatabaseAsync();
        await using var one = await OpenAsync(connection);
        await using var other = await OpenAsync(connection);
        await new PostgresJobStore(one).CommitAsync(AJob.Step(AJob.New("a") with { Changes = [AJob.Change(JobStatus.Runnable)] }), Token);
        await new PostgresEventStore(other).WaitAsync(EventPosition.Start, Token);
        var waiting = new PostgresEventStore(other).WaitAsync(new(1, EventPosition.Whole), Token);

        await server.KillAsync();
        var reading = new PostgresJobStore(other).ReadAsync("a", Token).AsTask();
        await server.StartAgainAsync();

        Assert.NotNull(await reading);
        await new PostgresJobStore(one).CommitAsync(new() { Writes = [new("a", 1, AJob.In(JobStatus.Failed)) { Changes = [AJob.Change(JobStatus.Failed)] }] }, Token);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(2, (await new PostgresJobStore(other).ReadAsync("a", Token))!.Version);
    }

    [Fact]
    public async Task What_one_silo_commits_another_hears_of_and_reads_at_once()
    {
        var connection = await PostgresFixture.DatabaseAsync();
        await using (var one = await OpenAsync(connection))
        await using (var other = await OpenAsync(connection))
        {
            var events = new PostgresEventStore(other);
            var newest = await events.NewestAsync(Token);
            for (var number = 0; number < 20; number++)
            {
                var waiting = events.WaitAsync(newest, Token);
                await new PostgresJobStore(one).CommitAsync(AJob.Step(AJob.New($"{number}") with { Changes = [AJob.Change(JobStatus.Runnable)] }), Token);
                Assert.NotNull(await new PostgresJobStore(other).ReadAsync($"{number}", Token));
                await waiting.WaitAsync(TimeSpan.FromSeconds(30), Token);
                newest = await events.NewestAsync(Token);
                Assert.Equal(number + 1, newest.Id);
            }
        }

        await PostgresFixture.GiveBackAsync(connection);
    }

    [Theory]
    [InlineData("a\0b")]
    [InlineData("\uD800")]
    [InlineData("b\uDC00a")]
    public async Task Text_that_no_row_can_have_finds_nothing(string text)
    {
        await using var store = await PostgresStoreUnderTest.NewAsync();
        await store.Jobs.CommitAsync(AJob.Step(AJob.New("a")), Token);

        Assert.Null(await store.Jobs.ReadAsync(text, Token));
        Assert.Empty(await store.Jobs.ReadManyAsync(AJob.Scope, [text], Token));
        Assert.Empty((await store.Jobs.ListAsync(new() { Queue = AJob.Queue, Filter = new JobFilter.Named(text, IsPrefix: true), Limit = 10 }, Token)).Jobs);
        Assert.Null(await store.Definitions.ReadHighestActiveAsync(AJob.Scope, text, Token));
        Assert.Null(await store.Jobs.ReadInvocationAsync(text, Token));
        Assert.Empty(await store.Logs.ListGroupsAsync(AJob.Scope, text, 10, Token));
    }

    [Fact]
    public async Task Many_reads_at_once_are_answered_each_with_its_job()
    {
        await using var store = await PostgresStoreUnderTest.NewAsync();
        await store.Jobs.CommitAsync(AJob.Step([.. Enumerable.Range(0, 500).Select(number => AJob.New($"{number}"))]), Token);

        var read = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number => store.Jobs.ReadAsync($"{number}", Token).AsTask()));

        Assert.Equal(Enumerable.Range(0, 1_000).Select(number => number < 500 ? $"{number}" : null), read.Select(job => job?.JobId));
    }

    private static Task<PostgresDatabase> OpenAsync(string connection) =>
        PostgresDatabase.OpenAsync(connection, TimeProvider.System, NullLogger<PostgresDatabase>.Instance, Token);

    private static async Task<string> EmptyAsync() => await (await PostgresFixture.ServerAsync()).CreateDatabaseAsync();

    private static async Task<PostgresServer> StartAsync()
    {
        Assert.SkipWhen(PostgresServer.WhyMissing is not null, PostgresServer.WhyMissing ?? "");
        return await PostgresServer.StartAsync();
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Token);
    }

    private static (string Authority, string Certificate, string Key) Certificates(string host)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("CN=test authority", authorityKey, HashAlgorithmName.SHA256);
        asked.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var authority = asked.CreateSelfSigned(from, to);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var certificate = server.Create(authority, from, to, [1, 2, 3, 4]);
        return (authority.ExportCertificatePem(), certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
