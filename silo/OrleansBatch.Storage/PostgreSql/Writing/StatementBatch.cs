using Npgsql;

namespace OrleansBatch.Storage.PostgreSql.Writing;

/// <summary>Statements that are sent together and cost one round trip. A statement about many rows gets each column as one array.</summary>
internal sealed class StatementBatch
{
    private readonly List<NpgsqlBatchCommand> _commands = [];

    /// <summary>Whether there is nothing to send.</summary>
    public bool IsEmpty => _commands.Count == 0;

    /// <summary>Adds a statement with parameters as they are.</summary>
    public void Add(string text, params ReadOnlySpan<object> parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(new() { Value = parameter });
        }

        _commands.Add(command);
    }

    /// <summary>Adds a statement about rows, whose columns follow; nothing when there are none.</summary>
    public RowStatement<TRow> Add<TRow>(string text, IEnumerable<TRow> rows)
    {
        var all = rows as IReadOnlyCollection<TRow> ?? [.. rows];
        if (all.Count == 0)
        {
            return new(all, null);
        }

        var command = new NpgsqlBatchCommand(text);
        _commands.Add(command);
        return new(all, command);
    }

    /// <summary>The statements for a connection.</summary>
    public NpgsqlBatch On(NpgsqlConnection connection)
    {
        var batch = connection.CreateBatch();
        foreach (var command in _commands)
        {
            batch.BatchCommands.Add(command);
        }

        return batch;
    }
}

/// <summary>A statement about rows: each column is an array, in the order of the parameters.</summary>
internal readonly struct RowStatement<TRow>(IReadOnlyCollection<TRow> rows, NpgsqlBatchCommand? command)
{
    /// <summary>Adds a column.</summary>
    public RowStatement<TRow> Column<T>(Func<TRow, T> value)
    {
        if (command is not null)
        {
            var values = new T[rows.Count];
            var index = 0;
            foreach (var row in rows)
            {
                values[index++] = value(row);
            }

            command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values });
        }

        return this;
    }
}
