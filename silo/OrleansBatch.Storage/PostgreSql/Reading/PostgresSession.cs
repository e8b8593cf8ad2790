using Npgsql;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>One connection that reads for one caller.</summary>
internal sealed class PostgresSession(NpgsqlConnection connection, CancellationToken cancellationToken)
{
    public NpgsqlConnection Connection => connection;

    /// <summary>All rows of a query.</summary>
    /// <param name="text">The query, with its parameters as <c>$1</c>, <c>$2</c>...</param>
    /// <param name="read">Reads one row.</param>
    /// <param name="parameters">A <see cref="string"/>, number, array of them, or null.</param>
    public async Task<List<TRow>> ListAsync<TRow>(string text, Func<NpgsqlDataReader, TRow> read, params object?[] parameters)
    {
        List<TRow> rows = [];
        await using var command = new NpgsqlCommand(text, connection);
        Add(command.Parameters, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>Two queries in one round trip; the second sees no less than the first.</summary>
    public async Task ListAsync(SessionQuery first, SessionQuery second)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var query in new[] { first, second })
        {
            var command = new NpgsqlBatchCommand(query.Text);
            Add(command.Parameters, query.Parameters);
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        foreach (var query in new[] { first, second })
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                query.Read(reader);
            }

            _ = await reader.NextResultAsync(cancellationToken);
        }
    }

    /// <summary>The first row of a query; the default when there is none.</summary>
    public async Task<TRow?> FirstAsync<TRow>(string text, Func<NpgsqlDataReader, TRow> read, params object?[] parameters) =>
        (await ListAsync(text, read, parameters)).FirstOrDefault();

    /// <summary>The number in the first row; null when there is none.</summary>
    public async Task<long?> NumberAsync(string text, params object?[] parameters) =>
        await FirstAsync<long?>(text, reader => reader.IsDBNull(0) ? null : Convert.ToInt64(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture), parameters);

    private static void Add(NpgsqlParameterCollection to, object?[] parameters)
    {
        foreach (var parameter in parameters)
        {
            to.Add(new() { Value = parameter switch { null => DBNull.Value, string text => PostgresText.ToFind(text), _ => parameter } });
        }
    }
}

/// <summary>A query of several in one round trip.</summary>
internal sealed record SessionQuery(string Text, Action<NpgsqlDataReader> Read, params object?[] Parameters);

/// <summary>Text that is looked for.</summary>
internal static class PostgresText
{
    /// <summary>
    /// The text, if a row can have it. A U+0000, or half a character, is in no row, and PostgreSQL does not take it even in a question: instead comes what
    /// no character is, so that nothing is found.
    /// </summary>
    public static string ToFind(string text) => IsStorable(text)
        ? text
        : string.Concat(text.EnumerateRunes().Select(rune => rune.Value == 0 ? "\uFFFF" : rune.ToString()));

    private static bool IsStorable(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == '\0' || char.IsSurrogate(text[index]))
            {
                return false;
            }
        }

        return true;
    }
}
