using Npgsql;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Storage.PostgreSql.Reading;
using OrleansBatch.Storage.PostgreSql.Writing;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>The rows of all job definition revisions in a PostgreSQL database.</summary>
public sealed class PostgresJobDefinitionStore(PostgresDatabase database) : IJobDefinitionStore
{
    private const string Select = "SELECT is_active, definition, tags FROM job_definitions WHERE scope = $1 AND name = $2";

    private const string One = Select + " AND revision = $3";

    private const string Highest = "SELECT revision FROM job_definitions WHERE scope = $1 AND name = $2 ORDER BY revision DESC LIMIT 1";

    private const string HighestActive = Select + " AND is_active ORDER BY revision DESC LIMIT 1";

    private const string OfName = Select + " AND revision < $3 ORDER BY revision DESC LIMIT $4";

    private const string OfNameByActivity = Select + " AND revision < $3 AND is_active = $5 ORDER BY revision DESC LIMIT $4";

    private const string AfterName = "SELECT is_active, definition, tags FROM job_definitions WHERE scope = $1 AND name > $2 ORDER BY name, revision DESC LIMIT $3";

    // As a range, for then only the index of activity has the order.
    private const string AfterNameByActivity =
        "SELECT is_active, definition, tags FROM job_definitions WHERE scope = $1 AND is_active <= $4 AND (is_active, name) > ($4, $2) ORDER BY is_active, name, revision DESC LIMIT $3";

    private const string SetTags = "UPDATE job_definitions SET tags = $4 WHERE scope = $1 AND name = $2 AND revision = $3";

    private const string Deactivate = "UPDATE job_definitions SET is_active = false, deactivated_at = $4 WHERE scope = $1 AND name = $2 AND revision = $3";

    /// <inheritdoc/>
    public async Task<DefinitionInserted> InsertAsync(
        Scope scope, JobDefinition definition, InvocationRecord? invocation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new RevisionInsert(
            new(scope.Key, definition.Name, definition.Revision), definition.IsActive, StoreJson.Write(definition), invocation, cancellationToken));
    }

    /// <inheritdoc/>
    public Task<bool> SetTagsAsync(Scope scope, string name, int revision, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken) =>
        ChangeAsync(new(scope.Key, name, revision), isDeactivation: false, SetTags, StoreJson.Write(tags), cancellationToken);

    /// <inheritdoc/>
    public async Task<JobDefinition?> ReadAsync(Scope scope, string name, int revision, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.FirstAsync(One, Read, scope.Key, name, revision), cancellationToken);

    /// <inheritdoc/>
    public async Task<int> HighestRevisionAsync(Scope scope, string name, CancellationToken cancellationToken) =>
        (int)(await database.Readers.ReadAsync(session => session.NumberAsync(Highest, scope.Key, name), cancellationToken) ?? 0);

    /// <inheritdoc/>
    public async Task<JobDefinition?> ReadHighestActiveAsync(Scope scope, string name, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.FirstAsync(HighestActive, Read, scope.Key, name), cancellationToken);

    /// <inheritdoc/>
    public Task<bool> DeactivateAsync(Scope scope, string name, int revision, DateTimeOffset at, CancellationToken cancellationToken) =>
        ChangeAsync(new(scope.Key, name, revision), isDeactivation: true, Deactivate, at.ToUnixTimeMilliseconds(), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobDefinition>> ListAsync(DefinitionListing listing, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => ListAsync(session, listing), cancellationToken);

    private async Task<bool> ChangeAsync(RevisionKey key, bool isDeactivation, string text, object value, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new RevisionChange(key, isDeactivation, new(text, key.Scope, key.Name, key.Revision, value), cancellationToken));
    }

    // A name's own rest, then the names above it: no single range of the index has that order.
    private static async Task<List<JobDefinition>> ListAsync(PostgresSession session, DefinitionListing listing)
    {
        List<JobDefinition> page = [];
        object[] activity = listing.IsActive is { } isActive ? [isActive] : [];
        var current = listing.Name ?? listing.After?.Name;
        if (current is not null)
        {
            var below = listing.After is { } after && after.Name == current ? after.Revision : long.MaxValue;
            page = await session.ListAsync(activity.Length == 0 ? OfName : OfNameByActivity, Read, [listing.Scope.Key, current, below, listing.Limit, .. activity]);
        }

        if (listing.Name is null && page.Count < listing.Limit)
        {
            page.AddRange(await session.ListAsync(
                activity.Length == 0 ? AfterName : AfterNameByActivity, Read, [listing.Scope.Key, current ?? "", listing.Limit - page.Count, .. activity]));
        }

        return page;
    }

    private static JobDefinition Read(NpgsqlDataReader reader)
    {
        // The columns are the truth: the text was written once.
        var definition = StoreJson.ReadDefinition(reader.GetFieldValue<byte[]>(1)) with { IsActive = reader.GetBoolean(0) };
        return reader.IsDBNull(2) ? definition : definition with { Tags = StoreJson.ReadTags(reader.GetFieldValue<byte[]>(2)) };
    }
}
