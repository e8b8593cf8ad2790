using Npgsql;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>How this program is connected to PostgreSQL: as its connection string says, and some settings that it leaves open.</summary>
internal static class PostgresConnections
{
    /// <remarks>
    /// Every statement is written for one index, and has to take it however many rows there are and whatever the statistics say, which are wrong in a
    /// table that has just grown: the planner is left nothing else. A setting of the session would be undone each time that a connection goes back to its pool;
    /// these are part of its start.
    /// </remarks>
    private const string PlannerOptions =
        "-c enable_seqscan=off -c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_sort=off -c plan_cache_mode=force_generic_plan -c jit=off";

    /// <summary>Statements of ours, of the writer and of Orleans' storage; each connection keeps those that it uses.</summary>
    private const int PreparedStatements = 250;

    /// <summary>A pool of connections.</summary>
    /// <remarks>
    /// Npgsql prepares by itself what a connection runs for the second time, and keeps it as long as the connection: statements here are few and constant. It is
    /// done by text, so nobody has to hold on to a command, and <c>Max Auto Prepare=0</c> in the connection string switches it off, as a pooler in between may want.
    /// </remarks>
    public static NpgsqlDataSource Pool(string connectionString)
    {
        var settings = Parse(connectionString);
        if (!settings.ContainsKey("Max Auto Prepare"))
        {
            settings.MaxAutoPrepare = PreparedStatements;
            settings.AutoPrepareMinUsages = 2;
        }

        return new NpgsqlDataSourceBuilder(settings.ConnectionString).Build();
    }

    /// <summary>A single connection that waits for notifications. A server that is gone without a word is found out by asking.</summary>
    public static NpgsqlConnection Listener(string connectionString)
    {
        var settings = Parse(connectionString);
        settings.Pooling = false;
        settings.KeepAlive = settings.KeepAlive == 0 ? 5 : settings.KeepAlive;
        return new NpgsqlConnection(settings.ConnectionString);
    }

    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        settings.Options = string.IsNullOrEmpty(settings.Options) ? PlannerOptions : $"{settings.Options} {PlannerOptions}";
        settings.ApplicationName ??= "orleansbatch";
        return settings;
    }
}
