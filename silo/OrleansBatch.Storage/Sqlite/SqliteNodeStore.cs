using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The nodes in the file of the jobs.</summary>
public sealed class SqliteNodeStore(SqliteDatabase database) : INodeStore
{
    private const string ById = "SELECT node FROM nodes WHERE node_id = ?1";

    private const string All = "SELECT node FROM nodes WHERE node_id > '' ORDER BY node_id";

    private const string Live = "SELECT node FROM nodes INDEXED BY nodes_live WHERE is_live = 1 AND node_id > '' ORDER BY node_id";

    private const string Insert = "INSERT INTO nodes (node_id, version, is_live, node) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (node_id) DO NOTHING";

    private const string Update = "UPDATE nodes SET version = ?2, is_live = ?3, node = ?4 WHERE node_id = ?1 AND version = ?2 - 1";

    /// <inheritdoc/>
    public async Task<NodeRow?> ReadAsync(string nodeId, CancellationToken cancellationToken) =>
        (await database.Readers.ReadAsync(session => Read(session.Prepare(ById).Bind(1, nodeId)), cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => Read(session.Prepare(All)), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeRow>> ListLiveAsync(CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => Read(session.Prepare(Live)), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(NodeRow row, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var json = NodeJson.Write(row);
        return await database.Writer.WriteAsync(new TableWrite<bool>(
            tables =>
            {
                var written = tables.Session.Prepare(row.Version == 1 ? Insert : Update)
                    .Bind(1, row.NodeId)
                    .Bind(2, row.Version)
                    .Bind(3, row.State is NodeState.Connected or NodeState.Leaving ? 1 : 0)
                    .BindUtf8(4, json)
                    .Run() == 1;
                tables.IsChanged |= written;
                return written;
            },
            cancellationToken));
    }

    private static List<NodeRow> Read(Statement select)
    {
        List<NodeRow> nodes = [];
        while (select.Step())
        {
            nodes.Add(NodeJson.Read(select.Bytes(0)));
        }

        select.Reset();
        return nodes;
    }
}
