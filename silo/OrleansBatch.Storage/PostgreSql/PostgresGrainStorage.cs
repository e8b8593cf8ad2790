using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>State of grains of configuration in a PostgreSQL database: Orleans' own storage, and what it leaves open. Never for jobs.</summary>
/// <remarks>
/// Orleans' storage counts versions, and of two first writers one loses by the unique index of our schema. Beyond that a write whose reply was lost is looked
/// for before anyone is told, and every failure of the database is a <see cref="JobStoreException"/>.
/// </remarks>
internal sealed class PostgresGrainStorage(AdoNetGrainStorage storage, Action<CommitPoint>? fault) : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    private const int MostTries = 5;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public void Participate(ISiloLifecycle lifecycle) => storage.Participate(lifecycle);

    /// <inheritdoc/>
    /// <exception cref="JobStoreException">The database could not be read.</exception>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        RepeatedAsync(() => storage.ReadStateAsync(stateName, grainId, grainState), isDone: null);

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another activation wrote or cleared the state; nothing was done.</exception>
    /// <exception cref="JobStoreException">The database could not be written, or could not tell.</exception>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        RefuseStrange(stateName, grainId, grainState.ETag);
        var before = grainState.ETag;
        return RepeatedAsync(
            async () =>
            {
                fault?.Invoke(CommitPoint.Written);
                fault?.Invoke(CommitPoint.BeforeCommit);
                await storage.WriteStateAsync(stateName, grainId, grainState);
                fault?.Invoke(CommitPoint.AfterCommit);
            },
            async () =>
            {
                // Not the state that the grain has: reading would replace it.
                var stored = await ReadBackAsync<T>(stateName, grainId);
                if (!IsNext(before, stored.ETag) || !IsSame(stored.State, grainState.State))
                {
                    grainState.ETag = before;
                    return false;
                }

                (grainState.ETag, grainState.RecordExists) = (stored.ETag, true);
                return true;
            });
    }

    /// <inheritdoc/>
    /// <exception cref="InconsistentStateException">Another activation wrote or cleared the state; nothing was done.</exception>
    /// <exception cref="JobStoreException">The database could not be written, or could not tell.</exception>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        RefuseStrange(stateName, grainId, grainState.ETag);
        return RepeatedAsync(
            async () =>
            {
                fault?.Invoke(CommitPoint.Written);
                fault?.Invoke(CommitPoint.BeforeCommit);
                await storage.ClearStateAsync(stateName, grainId, grainState);
                fault?.Invoke(CommitPoint.AfterCommit);
            },
            async () =>
            {
                var stored = await ReadBackAsync<T>(stateName, grainId);
                if (stored.RecordExists)
                {
                    return false;
                }

                (grainState.State, grainState.ETag, grainState.RecordExists) = (stored.State, null, false);
                return true;
            });
    }

    /// <summary>Orleans' storage takes any ETag for one of its numbers.</summary>
    private static void RefuseStrange(string stateName, GrainId grainId, string? etag)
    {
        if (etag is not null && !int.TryParse(etag, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            throw new InconsistentStateException($"The state '{stateName}' of grain {grainId} never had this version.", storedEtag: null, currentEtag: etag);
        }
    }

    /// <summary>The version after this one; a first version can be any.</summary>
    private static bool IsNext(string? before, string? stored) => stored is not null
        && (before is null || int.Parse(stored, CultureInfo.InvariantCulture) == int.Parse(before, CultureInfo.InvariantCulture) + 1);

    private bool IsSame<T>(T? stored, T? written) =>
        storage.Serializer.Serialize(stored!).ToMemory().Span.SequenceEqual(storage.Serializer.Serialize(written!).ToMemory().Span);

    private async Task<GrainState<T>> ReadBackAsync<T>(string stateName, GrainId grainId)
    {
        fault?.Invoke(CommitPoint.BeforeReadBack);
        GrainState<T> stored = new();
        await storage.ReadStateAsync(stateName, grainId, stored);
        return stored;
    }

    /// <summary>Does something until it is done, as long as there is hope.</summary>
    /// <param name="act">What to do.</param>
    /// <param name="isDone">After a failure: whether it was done all the same; null: it may simply be repeated.</param>
    private static async Task RepeatedAsync(Func<Task> act, Func<Task<bool>>? isDone)
    {
        var isUnknown = false;
        for (var (tries, pause) = (1, TimeSpan.FromMilliseconds(50)); ; tries++, pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 3, LongestPause.Ticks)))
        {
            try
            {
                if (isUnknown && await isDone!())
                {
                    return;
                }

                isUnknown = false;
                await act();
                return;
            }
            catch (Exception e) when (IsOfDatabase(e))
            {
                isUnknown |= isDone is not null;
                if (tries == MostTries || !IsAway(e))
                {
                    throw new JobStoreException(
                        isUnknown ? $"The database failed; the outcome is unknown. {e.Message}" : $"The database could not be read. {e.Message}", e);
                }

                await Task.Delay(pause);
            }
        }
    }

    private static bool IsOfDatabase(Exception exception) => exception is NpgsqlException or SocketException or TimeoutException or IOException;

    private static bool IsAway(Exception exception) => exception is not PostgresException || Reading.PostgresReaders.IsAway(exception);
}
