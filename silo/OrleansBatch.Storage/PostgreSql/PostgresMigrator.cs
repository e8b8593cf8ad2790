using System.Text.RegularExpressions;
using Npgsql;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Brings a database to the newest schema, however many programs do so at once.</summary>
internal static partial class PostgresMigrator
{
    /// <summary>Before it unique indexes cannot take nulls for equal.</summary>
    public const int LeastVersion = 15;

    /// <summary>"OrBa" as a number: whoever holds this lock migrates, the others wait and find it done.</summary>
    private const long LockKey = 0x4F724261;

    private const string Version = "SELECT version FROM orleansbatch_schema WHERE id = 1";

    private const string VersionTable =
        """
        CREATE TABLE orleansbatch_schema (
            id smallint PRIMARY KEY CHECK (id = 1),
            version integer NOT NULL
        );
        INSERT INTO orleansbatch_schema (id, version) VALUES (1, 0);
        """;

    private const string Foreign =
        "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'v', 'm', 'p', 'f') AND relname = ANY ($1) ORDER BY relname LIMIT 1";

    /// <summary>Does what is missing, all or nothing.</summary>
    /// <exception cref="JobStoreException">The server is too old; the database belongs to a newer program, or has tables of another one.</exception>
    public static async Task MigrateAsync(NpgsqlDataSource source, IReadOnlyList<string> migrations, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        if (connection.PostgreSqlVersion.Major < LeastVersion)
        {
            throw new JobStoreException($"The server is PostgreSQL {connection.PostgreSqlVersion}: version {LeastVersion} or newer is needed.");
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        _ = await RunAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", cancellationToken);
        var done = await VersionOfAsync(connection, migrations, cancellationToken);
        if (done > migrations.Count)
        {
            throw new JobStoreException(
                $"The database '{connection.Database}' has schema {done}, this program knows schemas up to {migrations.Count}: it was written by a newer program. Use that one.");
        }

        for (var next = done; next < migrations.Count; next++)
        {
            _ = await RunAsync(connection, migrations[next], cancellationToken);
        }

        if (done < migrations.Count)
        {
            _ = await RunAsync(connection, $"UPDATE orleansbatch_schema SET version = {migrations.Count} WHERE id = 1", cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<int> VersionOfAsync(NpgsqlConnection connection, IReadOnlyList<string> migrations, CancellationToken cancellationToken)
    {
        if (await RunAsync(connection, "SELECT 1 WHERE to_regclass('orleansbatch_schema') IS NOT NULL", cancellationToken) is not null)
        {
            return (int)(await RunAsync(connection, Version, cancellationToken) ?? 0);
        }

        await using var foreign = new NpgsqlCommand(Foreign, connection);
        string[] ours = [.. migrations.SelectMany(migration => TableName().Matches(migration)).Select(match => match.Groups[1].Value.ToLowerInvariant())];
        foreign.Parameters.Add(new() { Value = ours });
        if (await foreign.ExecuteScalarAsync(cancellationToken) is string table)
        {
            throw new JobStoreException($"The database '{connection.Database}' has a table '{table}' that is not this program's. Choose another database or schema.");
        }

        _ = await RunAsync(connection, VersionTable, cancellationToken);
        return 0;
    }

    private static async Task<object?> RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // Much may have to be rewritten, and others may have begun before: it takes as long as it takes.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex TableName();
}
