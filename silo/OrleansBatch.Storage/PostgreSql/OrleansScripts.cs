namespace OrleansBatch.Storage.PostgreSql;

/// <summary>Orleans' own tables for membership and for the state of grains.</summary>
internal static class OrleansScripts
{
    /// <summary>The scripts of the version that the migration is of, in their order.</summary>
    public static string All { get; } =
        string.Join("\n", new[] { "PostgreSQL-Main.sql", "PostgreSQL-Persistence.sql", "PostgreSQL-Clustering.sql" }.Select(Read));

    /// <remarks>
    /// Without a unique key two first writers of one grain could both succeed; and a state that was cleared and written anew must not have a version
    /// again that a writer from before still holds: so the first is a random one. The loser of two inserts gets no new version, which Orleans' storage
    /// takes for what it is.
    /// </remarks>
    public const string StorageWithoutDoubles =
        """
        CREATE UNIQUE INDEX orleansstorage_one_row_a_grain ON orleansstorage
            (grainidhash, graintypehash, grainidn0, grainidn1, graintypestring, grainidextensionstring, serviceid) NULLS NOT DISTINCT;
        DROP INDEX ix_orleansstorage;

        CREATE OR REPLACE FUNCTION writetostorage(
            _grainidhash integer,
            _grainidn0 bigint,
            _grainidn1 bigint,
            _graintypehash integer,
            _graintypestring character varying,
            _grainidextensionstring character varying,
            _serviceid character varying,
            _grainstateversion integer,
            _payloadbinary bytea)
            RETURNS TABLE(newgrainstateversion integer)
            LANGUAGE plpgsql
        AS $$
        DECLARE
            written integer := _grainstateversion;
        BEGIN
            IF _grainstateversion IS NULL THEN
                INSERT INTO orleansstorage AS s (grainidhash, grainidn0, grainidn1, graintypehash, graintypestring, grainidextensionstring, serviceid,
                    payloadbinary, modifiedon, version)
                VALUES (_grainidhash, _grainidn0, _grainidn1, _graintypehash, _graintypestring, _grainidextensionstring, _serviceid,
                    _payloadbinary, now() AT TIME ZONE 'utc', 1 + floor(random() * 1000000000)::integer)
                ON CONFLICT DO NOTHING
                RETURNING s.version INTO written;
            ELSE
                UPDATE orleansstorage s SET payloadbinary = _payloadbinary, modifiedon = now() AT TIME ZONE 'utc', version = s.version + 1
                WHERE s.grainidhash = _grainidhash AND s.graintypehash = _graintypehash AND s.grainidn0 = _grainidn0 AND s.grainidn1 = _grainidn1
                    AND s.graintypestring = _graintypestring AND s.grainidextensionstring IS NOT DISTINCT FROM _grainidextensionstring
                    AND s.serviceid = _serviceid AND s.version = _grainstateversion
                RETURNING s.version INTO written;
                written := coalesce(written, _grainstateversion);
            END IF;

            RETURN QUERY SELECT written;
        END
        $$;
        """;

    private static string Read(string name)
    {
        using var stream = typeof(OrleansScripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
