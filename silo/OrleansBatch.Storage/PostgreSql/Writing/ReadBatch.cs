using Npgsql;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Queries that are sent together and cost one round trip.</summary>
internal sealed class ReadBatch
{
    private readonly StatementBatch _statements = new();
    private readonly List<Action<NpgsqlDataReader>> _readers = [];

    public bool IsEmpty => _readers.Count == 0;

    /// <summary>Adds a statement without rows.</summary>
    public void Add(string text) => _statements.Add(text);

    /// <summary>Adds a query about keys, whose columns follow; nothing when there are none.</summary>
    public RowStatement<TKey> Add<TKey>(string text, IReadOnlyCollection<TKey> keys, Action<NpgsqlDataReader> read)
    {
        if (keys.Count > 0)
        {
            _readers.Add(read);
        }

        return _statements.Add(text, keys);
    }

    /// <summary>Adds a query with parameters as they are.</summary>
    public void Add(string text, Action<NpgsqlDataReader> read, params ReadOnlySpan<object> parameters)
    {
        _statements.Add(text, parameters);
        _readers.Add(read);
    }

    /// <summary>Sends them and reads what comes.</summary>
    public async Task ExecuteAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var batch = _statements.On(connection);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var read in _readers)
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                read(reader);
            }

            _ = await reader.NextResultAsync(cancellationToken);
        }
    }
}
