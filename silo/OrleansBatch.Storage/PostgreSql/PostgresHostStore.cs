using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.PostgreSql.Writing;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>The modelled hosts in the database of the jobs.</summary>
public sealed class PostgresHostStore(PostgresDatabase database) : IHostStore
{
    private const string Live = "SELECT host FROM hosts WHERE environment = $1 AND ended_at IS NULL ORDER BY launched_at, host_id";

    private const string NewestEnded =
        """
        SELECT host FROM hosts WHERE environment = $1 AND (launched_at, host_id) < ($2, $3) AND ended_at IS NOT NULL
        ORDER BY launched_at DESC, host_id DESC LIMIT $4
        """;

    private const string Environments =
        """
        WITH RECURSIVE keys (key) AS (
            (SELECT environment FROM hosts WHERE ended_at IS NULL ORDER BY environment LIMIT 1)
            UNION ALL
            SELECT (SELECT environment FROM hosts WHERE ended_at IS NULL AND environment > keys.key ORDER BY environment LIMIT 1) FROM keys WHERE keys.key IS NOT NULL
        )
        SELECT key FROM keys WHERE key IS NOT NULL
        """;

    private const string EndedCost = "SELECT nano_usd FROM host_costs WHERE environment = $1";

    private const string ById = "SELECT host FROM hosts WHERE host_id = $1";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostRow>> ReadLiveAsync(ScopedName environment, CancellationToken cancellationToken) =>
        await ListAsync(Live, [environment.Key], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScopedName>> ReadEnvironmentsAsync(CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.ListAsync(Environments, reader => ScopedName.Parse(reader.GetString(0))), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(IReadOnlyList<HostRow> hosts, EpochGuard guard, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new HostsWrite([.. hosts.Select(host => new PreparedHost(host))], guard, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostRow>> ListEndedAsync(
        ScopedName environment, (long LaunchedAt, string HostId)? after, int limit, CancellationToken cancellationToken) =>
        await ListAsync(
            NewestEnded, [environment.Key, after?.LaunchedAt ?? long.MaxValue, after?.HostId ?? string.Empty, limit], cancellationToken);

    /// <inheritdoc/>
    public async Task<decimal> ReadEndedCostAsync(ScopedName environment, CancellationToken cancellationToken) =>
        (await database.Readers.ReadAsync(session => session.NumberAsync(EndedCost, environment.Key), cancellationToken) ?? 0) / PreparedHost.NanoUsd;

    /// <inheritdoc/>
    public async Task<HostRow?> ReadAsync(string hostId, CancellationToken cancellationToken) => (await ListAsync(ById, [hostId], cancellationToken)).SingleOrDefault();

    private Task<List<HostRow>> ListAsync(string text, object[] parameters, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(session => session.ListAsync(text, Read, parameters), cancellationToken);

    private static HostRow Read(NpgsqlDataReader reader) => StoreJson.ReadHost(reader.GetFieldValue<byte[]>(0));
}
