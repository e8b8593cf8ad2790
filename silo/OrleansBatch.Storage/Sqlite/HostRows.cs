using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Writes the rows of hosts, and what those that have ended have cost together.</summary>
internal sealed class HostRows(SqliteSession session)
{
    private const string EndedCost = "SELECT cost_nano_usd FROM hosts WHERE host_id = ?1 AND ended_at IS NOT NULL";

    private const string Upsert =
        """
        INSERT INTO hosts (host_id, environment, launched_at, ended_at, cost_nano_usd, host) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
        ON CONFLICT (host_id) DO UPDATE SET ended_at = excluded.ended_at, cost_nano_usd = excluded.cost_nano_usd, host = excluded.host
        """;

    private const string AddCost =
        "INSERT INTO host_costs (environment, nano_usd) VALUES (?1, ?2) ON CONFLICT (environment) DO UPDATE SET nano_usd = nano_usd + excluded.nano_usd";

    /// <summary>Writes a host, a new one or a known one. Its cost counts once, however often its end is written.</summary>
    public void Write(PreparedHost prepared)
    {
        var host = prepared.Row;
        if (prepared.CostNanoUsd is { } nano)
        {
            var counted = session.Prepare(EndedCost).Bind(1, host.HostId).Number() ?? 0;
            session.Prepare(AddCost).Bind(1, host.Environment).Bind(2, nano - counted).Run();
        }

        session.Prepare(Upsert)
            .Bind(1, host.HostId)
            .Bind(2, host.Environment)
            .Bind(3, host.LaunchedAt.ToUnixTimeMilliseconds())
            .Bind(4, host.EndedAt?.ToUnixTimeMilliseconds())
            .Bind(5, prepared.CostNanoUsd)
            .BindUtf8(6, prepared.Json)
            .Run();
    }
}
