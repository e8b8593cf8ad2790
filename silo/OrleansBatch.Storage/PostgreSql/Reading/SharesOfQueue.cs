using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>What a fair-share queue rebuilds its shares from.</summary>
internal static class SharesOfQueue
{
    private const string Use =
        """
        SELECT share, vcpu_millis, started_at, ended_at FROM share_use
        WHERE queue = (SELECT id FROM queues WHERE key = $1) AND ended_at > $2 ORDER BY ended_at
        """;

    private const string Pending =
        """
        SELECT sequence, share FROM job_states
        WHERE open_queue = (SELECT id FROM queues WHERE key = $1) AND status = $2 AND share IS NOT NULL AND open_queue IS NOT NULL
        """;

    public static async Task<IReadOnlyList<ShareUse>> ReadUseAsync(PostgresSession session, ScopedName queue, DateTimeOffset after) => await session.ListAsync(
        Use,
        reader => new ShareUse(reader.GetString(0), reader.GetInt64(1), JobReads.Time(reader.GetInt64(2)), JobReads.Time(reader.GetInt64(3))),
        queue.Key,
        after.ToUnixTimeMilliseconds());

    public static async Task<IReadOnlyList<PendingShare>> ReadPendingAsync(PostgresSession session, ScopedName queue)
    {
        List<PendingShare> pending = [];
        foreach (var status in new[] { JobStatus.Submitted, JobStatus.Pending })
        {
            pending.AddRange(await session.ListAsync(
                Pending, reader => new PendingShare(reader.GetInt64(0), reader.GetString(1)), queue.Key, (short)status));
        }

        return pending;
    }
}
