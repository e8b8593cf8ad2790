using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>The nodes in the database of the jobs. A renewal is one small write beside the jobs' transactions: it does not wait for them.</summary>
public sealed class PostgresNodeStore(PostgresDatabase database) : INodeStore
{
    private const string ById = "SELECT node FROM nodes WHERE node_id = $1";

    private const string All = "SELECT node FROM nodes ORDER BY node_id";

    private const string Live = "SELECT node FROM nodes WHERE is_live ORDER BY node_id";

    private const string Insert = "INSERT INTO nodes (node_id, version, is_live, node) VALUES ($1, $2, $3, $4) ON CONFLICT (node_id) DO NOTHING";

    private const string Update = "UPDATE nodes SET version = $2, is_live = $3, node = $4 WHERE node_id = $1 AND version = $2 - 1";

    /// <inheritdoc/>
    public async Task<NodeRow?> ReadAsync(string nodeId, CancellationToken cancellationToken) => (await ListAsync(ById, [nodeId], cancellationToken)).SingleOrDefault();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeRow>> ListAsync(CancellationToken cancellationToken) => await ListAsync(All, [], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<NodeRow>> ListLiveAsync(CancellationToken cancellationToken) => await ListAsync(Live, [], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> WriteAsync(NodeRow row, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            await using var command = database.Source.CreateCommand(row.Version == 1 ? Insert : Update);
            command.Parameters.Add(new() { Value = row.NodeId });
            command.Parameters.Add(new() { Value = row.Version });
            command.Parameters.Add(new() { Value = row.State is NodeState.Connected or NodeState.Leaving });
            command.Parameters.Add(new() { Value = NodeJson.Write(row) });

            database.Fault?.Invoke(CommitPoint.BeforeCommit);
            // Not given up half way: then nobody would know whether it was written.
            return await command.ExecuteNonQueryAsync(CancellationToken.None) == 1;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or ObjectDisposedException)
        {
            throw new JobStoreException($"The row of node {row.NodeId} could not be written, or its answer was lost. {e.Message}", e);
        }
    }

    private Task<List<NodeRow>> ListAsync(string text, object[] parameters, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(session => session.ListAsync(text, Read, parameters), cancellationToken);

    private static NodeRow Read(NpgsqlDataReader reader) => NodeJson.Read(reader.GetFieldValue<byte[]>(0));
}
