using System.Globalization;
using Orleans;
using Orleans.Runtime;
using Orleans.Serialization.Serializers;
using Orleans.Storage;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>State of grains of configuration in a SQLite file: one row each, JSON. Never for jobs.</summary>
/// <remarks>The ETag is the row's version: whoever writes or clears must know the newest, and of two first writers one loses.</remarks>
public sealed class SqliteGrainStorage(SqliteDatabase database, IActivatorProvider activators) : IGrainStorage
{
    internal const string Select = "SELECT version, state FROM grain_states WHERE grain = ?1 AND name = ?2";

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = await database.Readers.ReadAsync(session => Read<T>(session, stateName, grainId), CancellationToken.None);
        grainState.State = stored is { State: { } state } ? state : activators.GetActivator<T>().Create();
        grainState.ETag = stored?.ETag;
        grainState.RecordExists = stored is not null;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another activation wrote or cleared the state; nothing was done.</exception>
    /// <exception cref="JobStoreException">The file could not be written.</exception>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = new StateKey(grainId.ToString(), stateName, VersionOf(grainState.ETag));
        var json = GrainStateJson.Write(grainState.State);
        var written = await database.Writer.WriteAsync(new TableWrite<Written>(tables => Write(tables, key, json), CancellationToken.None));
        ThrowIfRefused(written, key);
        grainState.ETag = ETagOf(written.Version);
        grainState.RecordExists = true;
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another activation wrote or cleared the state; nothing was done.</exception>
    /// <exception cref="JobStoreException">The file could not be written.</exception>
    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = new StateKey(grainId.ToString(), stateName, VersionOf(grainState.ETag));
        var cleared = await database.Writer.WriteAsync(new TableWrite<Written>(tables => Clear(tables, key), CancellationToken.None));
        ThrowIfRefused(cleared, key);
        grainState.State = activators.GetActivator<T>().Create();
        grainState.ETag = null;
        grainState.RecordExists = false;
    }

    private static StoredState<T>? Read<T>(SqliteSession session, string stateName, GrainId grainId)
    {
        var select = session.Prepare(Select).Bind(1, grainId.ToString()).Bind(2, stateName);
        var stored = select.Step()
            ? new StoredState<T>(ETagOf(select.Int64(0)), GrainStateJson.Read<T>(select.Bytes(1)))
            : null;
        select.Reset();
        return stored;
    }

    private static Written Write(WriteTables tables, StateKey key, byte[] json)
    {
        var stored = VersionIn(tables, key);
        if (stored != key.Version)
        {
            return new(false, stored);
        }

        // Versions of a cleared state are not used again, or a writer from before would match: a new row begins at a random one.
        var version = stored is { } last ? last + 1 : Random.Shared.NextInt64(1L << 52);
        tables.IsChanged = true;
        tables.Session.Prepare(
            """
            INSERT INTO grain_states (grain, name, version, state) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (grain, name) DO UPDATE SET version = excluded.version, state = excluded.state
            """)
            .Bind(1, key.Grain)
            .Bind(2, key.Name)
            .Bind(3, version)
            .BindBlob(4, json)
            .Run();
        return new(true, version);
    }

    private static Written Clear(WriteTables tables, StateKey key)
    {
        var stored = VersionIn(tables, key);
        if (stored != key.Version)
        {
            return new(false, stored);
        }

        if (stored is not null)
        {
            tables.IsChanged = true;
            tables.Session.Prepare("DELETE FROM grain_states WHERE grain = ?1 AND name = ?2").Bind(1, key.Grain).Bind(2, key.Name).Run();
        }

        return new(true, null);
    }

    private static long? VersionIn(WriteTables tables, StateKey key) => tables.Session
        .Prepare("SELECT version FROM grain_states WHERE grain = ?1 AND name = ?2")
        .Bind(1, key.Grain)
        .Bind(2, key.Name)
        .Number();

    private static void ThrowIfRefused(Written written, StateKey key)
    {
        if (!written.IsDone)
        {
            throw new InconsistentStateException(
                $"The state '{key.Name}' of grain {key.Grain} was changed by another activation.", ETagOf(written.Version), ETagOf(key.Version));
        }
    }

    private static string? ETagOf(long? version) => version?.ToString(CultureInfo.InvariantCulture);

    // No version equals that of an ETag which is not this store's: the write is refused.
    private static long? VersionOf(string? etag) =>
        etag is null ? null : long.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : -1;

    private sealed record StateKey(string Grain, string Name, long? Version);

    private sealed record StoredState<T>(string? ETag, T? State);

    private readonly record struct Written(bool IsDone, long? Version);
}
