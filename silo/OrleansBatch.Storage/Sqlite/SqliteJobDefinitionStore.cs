using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The rows of all job definition revisions in a SQLite file.</summary>
public sealed class SqliteJobDefinitionStore(SqliteDatabase database) : IJobDefinitionStore
{
    private const string Select = "SELECT is_active, definition, name, revision, tags FROM job_definitions ";

    internal const string One = Select + "INDEXED BY job_definitions_by_name WHERE scope = ?1 AND name = ?2 AND revision = ?3";

    internal const string Highest =
        "SELECT max(revision) FROM job_definitions INDEXED BY job_definitions_by_name WHERE scope = ?1 AND name = ?2";

    internal const string HighestActive = Select + """
        INDEXED BY job_definitions_by_activity WHERE scope = ?1 AND is_active = 1 AND name = ?2 ORDER BY revision DESC LIMIT 1
        """;

    internal const string OfName = Select + """
        INDEXED BY job_definitions_by_name WHERE scope = ?1 AND name = ?2 AND revision < ?3 ORDER BY revision DESC LIMIT ?4
        """;

    internal const string AfterName = Select + """
        INDEXED BY job_definitions_by_name WHERE scope = ?1 AND name > ?2 ORDER BY name, revision DESC LIMIT ?4
        """;

    internal const string OfNameByActivity = Select + """
        INDEXED BY job_definitions_by_activity WHERE scope = ?1 AND is_active = ?5 AND name = ?2 AND revision < ?3 ORDER BY revision DESC LIMIT ?4
        """;

    internal const string AfterNameByActivity = Select + """
        INDEXED BY job_definitions_by_activity WHERE scope = ?1 AND is_active = ?5 AND name > ?2 ORDER BY name, revision DESC LIMIT ?4
        """;

    private const string Exists =
        "SELECT is_active FROM job_definitions INDEXED BY job_definitions_by_name WHERE scope = ?1 AND name = ?2 AND revision = ?3";

    /// <inheritdoc/>
    public async Task<DefinitionInserted> InsertAsync(
        Scope scope, JobDefinition definition, InvocationRecord? invocation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var json = StoreJson.Write(definition);
        return await database.Writer.WriteAsync(
            new TableWrite<DefinitionInserted>(tables => Insert(tables, scope, definition, json, invocation), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<bool> SetTagsAsync(
        Scope scope, string name, int revision, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var json = StoreJson.Write(tags);
        return await database.Writer.WriteAsync(new TableWrite<bool>(tables => SetTags(tables, scope, name, revision, json), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<JobDefinition?> ReadAsync(Scope scope, string name, int revision, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => ReadAll(session.Prepare(One).Bind(1, scope.Key).Bind(2, name).Bind(3, revision)).FirstOrDefault(), cancellationToken);

    /// <inheritdoc/>
    public async Task<int> HighestRevisionAsync(Scope scope, string name, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => (int)(session.Prepare(Highest).Bind(1, scope.Key).Bind(2, name).Number() ?? 0), cancellationToken);

    /// <inheritdoc/>
    public async Task<JobDefinition?> ReadHighestActiveAsync(Scope scope, string name, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => ReadAll(session.Prepare(HighestActive).Bind(1, scope.Key).Bind(2, name)).FirstOrDefault(), cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> DeactivateAsync(Scope scope, string name, int revision, DateTimeOffset at, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<bool>(tables => Deactivate(tables, scope, name, revision, at), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobDefinition>> ListAsync(DefinitionListing listing, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => List(session, listing), cancellationToken);

    private static DefinitionInserted Insert(
        WriteTables tables, Scope scope, JobDefinition definition, byte[] json, InvocationRecord? invocation)
    {
        // First, for a repeated call meets the row that it wrote itself.
        if (invocation is not null && tables.Invocations.Find(invocation.Key) is { } recorded)
        {
            return new(IsDone: false, recorded);
        }

        if (IsActive(tables, scope, definition.Name, definition.Revision) is not null)
        {
            return new(IsDone: false);
        }

        tables.IsChanged = true;
        tables.Session.Prepare("INSERT INTO job_definitions (scope, name, revision, is_active, definition) VALUES (?1, ?2, ?3, ?4, ?5)")
            .Bind(1, scope.Key)
            .Bind(2, definition.Name)
            .Bind(3, definition.Revision)
            .Bind(4, definition.IsActive ? 1 : 0)
            .BindUtf8(5, json)
            .Run();
        if (invocation is not null)
        {
            tables.Invocations.Insert(invocation);
        }

        return new(IsDone: true);
    }

    private static bool SetTags(WriteTables tables, Scope scope, string name, int revision, byte[] json)
    {
        tables.IsChanged = true;
        return tables.Session.Prepare("UPDATE job_definitions SET tags = ?4 WHERE scope = ?1 AND name = ?2 AND revision = ?3")
            .Bind(1, scope.Key)
            .Bind(2, name)
            .Bind(3, revision)
            .BindUtf8(4, json)
            .Run() == 1;
    }

    private static bool Deactivate(WriteTables tables, Scope scope, string name, int revision, DateTimeOffset at)
    {
        var isActive = IsActive(tables, scope, name, revision);
        if (isActive == 1)
        {
            tables.IsChanged = true;
            tables.Session.Prepare(
                "UPDATE job_definitions SET is_active = 0, deactivated_at = ?4 WHERE scope = ?1 AND name = ?2 AND revision = ?3")
                .Bind(1, scope.Key)
                .Bind(2, name)
                .Bind(3, revision)
                .Bind(4, at.ToUnixTimeMilliseconds())
                .Run();
        }

        return isActive is not null;
    }

    private static long? IsActive(WriteTables tables, Scope scope, string name, int revision) =>
        tables.Session.Prepare(Exists).Bind(1, scope.Key).Bind(2, name).Bind(3, revision).Number();

    // A name's own rest, then the names above it: no single range of the index has that order.
    private static List<JobDefinition> List(SqliteSession session, DefinitionListing listing)
    {
        List<JobDefinition> page = [];
        var current = listing.Name ?? listing.After?.Name;
        if (current is not null)
        {
            var below = listing.After is { } after && after.Name == current ? after.Revision : long.MaxValue;
            page = ReadAll(Select(OfName, OfNameByActivity, current, listing.Limit).Bind(3, below));
        }

        if (listing.Name is null && page.Count < listing.Limit)
        {
            page.AddRange(ReadAll(Select(AfterName, AfterNameByActivity, current ?? "", listing.Limit - page.Count)));
        }

        return page;

        Statement Select(string all, string byActivity, string name, int limit)
        {
            var select = listing.IsActive is { } isActive ? session.Prepare(byActivity).Bind(5, isActive ? 1 : 0) : session.Prepare(all);
            return select.Bind(1, listing.Scope.Key).Bind(2, name).Bind(4, limit);
        }
    }

    private static List<JobDefinition> ReadAll(Statement select)
    {
        List<JobDefinition> definitions = [];
        while (select.Step())
        {
            // The columns are the truth: the text was written once.
            var definition = StoreJson.ReadDefinition(select.Bytes(1)) with { IsActive = select.Int64(0) != 0 };
            definitions.Add(select.IsNull(4) ? definition : definition with { Tags = StoreJson.ReadTags(select.Bytes(4)) });
        }

        select.Reset();
        return definitions;
    }
}
