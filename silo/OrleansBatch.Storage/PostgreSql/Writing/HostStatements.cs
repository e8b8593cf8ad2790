using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Writes hosts, and what those that have ended have cost together.</summary>
internal static class HostStatements
{
    /// <summary>Adds the statements. The cost of a host counts once, however often its end is written.</summary>
    public static void Add(StatementBatch batch, IEnumerable<PreparedHost> written)
    {
        // A statement changes a row once: of a host that was written twice the last counts.
        IReadOnlyCollection<PreparedHost> hosts = [.. written.GroupBy(host => host.Row.HostId, (_, same) => same.Last())];
        batch.Add(
            """
            INSERT INTO host_costs AS c (environment, nano_usd)
            SELECT u.environment, sum(u.nano_usd - coalesce(h.cost_nano_usd, 0))
            FROM unnest($1, $2, $3) AS u (host_id, environment, nano_usd) LEFT JOIN hosts h ON h.host_id = u.host_id
            GROUP BY u.environment
            ON CONFLICT (environment) DO UPDATE SET nano_usd = c.nano_usd + excluded.nano_usd
            """,
            hosts.Where(host => host.CostNanoUsd is not null))
            .Column(host => host.Row.HostId)
            .Column(host => host.Row.Environment)
            .Column(host => host.CostNanoUsd!.Value);
        batch.Add(
            """
            INSERT INTO hosts (host_id, environment, launched_at, ended_at, cost_nano_usd, host) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
            ON CONFLICT (host_id) DO UPDATE SET ended_at = excluded.ended_at, cost_nano_usd = excluded.cost_nano_usd, host = excluded.host
            """,
            hosts)
            .Column(host => host.Row.HostId)
            .Column(host => host.Row.Environment)
            .Column(host => host.Row.LaunchedAt.ToUnixTimeMilliseconds())
            .Column(host => host.Row.EndedAt?.ToUnixTimeMilliseconds())
            .Column(host => host.CostNanoUsd)
            .Column(host => host.Json);
    }
}
