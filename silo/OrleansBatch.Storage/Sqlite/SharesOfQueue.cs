using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>What a fair-share queue rebuilds its shares from.</summary>
internal static class SharesOfQueue
{
    private const string Use =
        """
        SELECT share, vcpu_millis, started_at, ended_at FROM share_use
        WHERE queue = (SELECT id FROM queues WHERE key = ?1) AND ended_at > ?2 ORDER BY ended_at
        """;

    private const string Pending =
        """
        SELECT j.sequence, j.share FROM jobs j INDEXED BY jobs_pending_shares
        WHERE j.open_queue = (SELECT id FROM queues WHERE key = ?1) AND j.status = ?2 AND j.share IS NOT NULL AND j.open_queue IS NOT NULL
        """;

    public static IReadOnlyList<ShareUse> ReadUse(SqliteSession session, ScopedName queue, DateTimeOffset after)
    {
        var select = session.Prepare(Use).Bind(1, queue.Key).Bind(2, after.ToUnixTimeMilliseconds());
        List<ShareUse> uses = [];
        while (select.Step())
        {
            uses.Add(new(
                select.Text(0),
                select.Int64(1),
                DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(2)),
                DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(3))));
        }

        select.Reset();
        return uses;
    }

    public static IReadOnlyList<PendingShare> ReadPending(SqliteSession session, ScopedName queue)
    {
        List<PendingShare> pending = [];
        foreach (var status in new[] { JobStatus.Submitted, JobStatus.Pending })
        {
            var select = session.Prepare(Pending).Bind(1, queue.Key).Bind(2, (long)status);
            while (select.Step())
            {
                pending.Add(new(select.Int64(0), select.Text(1)));
            }

            select.Reset();
        }

        return pending;
    }
}
