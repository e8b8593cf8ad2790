using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The modelled hosts in the file of the jobs.</summary>
public sealed class SqliteHostStore(SqliteDatabase database) : IHostStore
{
    private const string Live =
        "SELECT host FROM hosts INDEXED BY hosts_live WHERE environment = ?1 AND ended_at IS NULL ORDER BY launched_at, host_id";

    private const string Newest =
        """
        SELECT host FROM hosts INDEXED BY hosts_ended
        WHERE environment = ?1 AND (launched_at, host_id) < (?2, ?3) AND ended_at IS NOT NULL ORDER BY launched_at DESC, host_id DESC LIMIT ?4
        """;

    private const string NextEnvironment = "SELECT min(environment) FROM hosts INDEXED BY hosts_live WHERE ended_at IS NULL AND environment > ?1";

    private const string EndedCost = "SELECT nano_usd FROM host_costs WHERE environment = ?1";

    private const string ById = "SELECT host FROM hosts WHERE host_id = ?1";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostRow>> ReadLiveAsync(ScopedName environment, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => Read(session.Prepare(Live).Bind(1, environment.Key)), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ScopedName>> ReadEnvironmentsAsync(CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session =>
            {
                List<ScopedName> environments = [];
                for (var key = Next(session, string.Empty); key is not null; key = Next(session, key))
                {
                    environments.Add(ScopedName.Parse(key));
                }

                return environments;
            },
            cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(IReadOnlyList<HostRow> hosts, EpochGuard guard, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var rows = hosts.Select(host => new PreparedHost(host)).ToArray();
        return await database.Writer.WriteAsync(new TableWrite<bool>(
            tables =>
            {
                if (tables.Epochs.Newest(guard.Key) != guard.Epoch)
                {
                    return false;
                }

                tables.IsChanged |= rows.Length > 0;
                foreach (var host in rows)
                {
                    tables.Hosts.Write(host);
                }

                return true;
            },
            cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<HostRow>> ListEndedAsync(
        ScopedName environment, (long LaunchedAt, string HostId)? after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => Read(session.Prepare(Newest)
                .Bind(1, environment.Key)
                .Bind(2, after?.LaunchedAt ?? long.MaxValue)
                .Bind(3, after?.HostId ?? string.Empty)
                .Bind(4, limit)),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<decimal> ReadEndedCostAsync(ScopedName environment, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => (session.Prepare(EndedCost).Bind(1, environment.Key).Number() ?? 0) / PreparedHost.NanoUsd, cancellationToken);

    /// <inheritdoc/>
    public async Task<HostRow?> ReadAsync(string hostId, CancellationToken cancellationToken) =>
        (await database.Readers.ReadAsync(session => Read(session.Prepare(ById).Bind(1, hostId)), cancellationToken)).SingleOrDefault();

    private static string? Next(SqliteSession session, string key)
    {
        var select = session.Prepare(NextEnvironment).Bind(1, key);
        var next = select.Step() && !select.IsNull(0) ? select.Text(0) : null;
        select.Reset();
        return next;
    }

    private static List<HostRow> Read(Statement select)
    {
        List<HostRow> hosts = [];
        while (select.Step())
        {
            hosts.Add(StoreJson.ReadHost(select.Bytes(0)));
        }

        select.Reset();
        return hosts;
    }
}
