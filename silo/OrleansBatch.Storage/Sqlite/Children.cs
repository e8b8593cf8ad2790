using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>Reads an array's children, or a multi-node job's nodes: those with rows, and those that are as their parent's row says.</summary>
internal static class Children
{
    private const string ByKey = "SELECT version, state FROM array_children WHERE key = ?1";

    private const string All = "SELECT key, version, state FROM array_children WHERE key >= ?1 AND key < ?2 ORDER BY key";

    private const string InStatus =
        """
        SELECT key, version, state FROM array_children INDEXED BY array_children_by_status
        WHERE parent = ?1 AND status = ?2 AND key > ?3 ORDER BY key LIMIT ?4
        """;

    private const string KeysInStatus = "SELECT key FROM array_children INDEXED BY array_children_by_status WHERE parent = ?1 AND status = ?2";

    /// <summary>One child; null when the array has none with this index.</summary>
    public static JobRecord? Read(SqliteSession session, JobRecord parent, int index)
    {
        if (MultiNodeJobs.PartsOf(parent.Spec) is not { } parts || index >= parts)
        {
            return null;
        }

        var select = session.Prepare(ByKey).Bind(1, ChildKey.Of(parent.Sequence, index));
        var child = select.Step() ? ArrayJobs.Child(parent, index, select.Int64(0), StoreJson.ReadState(select.Bytes(1))) : ArrayJobs.Child(parent, index);
        select.Reset();
        return child;
    }

    /// <summary>All of them, by index.</summary>
    public static ImmutableArray<JobRecord> ReadAll(SqliteSession session, JobRecord parent)
    {
        var parts = MultiNodeJobs.PartsOf(parent.Spec)!.Value;
        return ChildPages.All(parent, ReadRows(session.Prepare(All).Bind(1, ChildKey.Of(parent.Sequence, 0)).Bind(2, ChildKey.Of(parent.Sequence, parts)), parent));
    }

    /// <summary>A page of children in one status.</summary>
    public static ChildPage List(SqliteSession session, JobRecord parent, ChildListing listing)
    {
        var select = session.Prepare(InStatus)
            .Bind(1, parent.Sequence)
            .Bind(2, (long)listing.Status)
            .Bind(3, ChildKey.Of(parent.Sequence, listing.AfterIndex))
            .Bind(4, listing.Limit + 1);
        return ChildPages.Page(listing, parent, ReadRows(select, parent), ChildPages.NeedsStatuses(listing, parent) ? Statuses(session, parent) : null);
    }

    /// <summary>The statuses of all children, from an index alone.</summary>
    public static ArrayReading Statuses(SqliteSession session, JobRecord parent)
    {
        var rows = new JobStatus?[MultiNodeJobs.PartsOf(parent.Spec)!.Value];
        foreach (var status in Enum.GetValues<JobStatus>())
        {
            var select = session.Prepare(KeysInStatus).Bind(1, parent.Sequence).Bind(2, (long)status);
            while (select.Step())
            {
                rows[ChildKey.IndexOf(select.Int64(0))] = status;
            }

            select.Reset();
        }

        return new(parent, rows);
    }

    private static List<JobRecord> ReadRows(Statement select, JobRecord parent)
    {
        List<JobRecord> children = [];
        while (select.Step())
        {
            children.Add(ArrayJobs.Child(parent, ChildKey.IndexOf(select.Int64(0)), select.Int64(1), StoreJson.ReadState(select.Bytes(2))));
        }

        select.Reset();
        return children;
    }
}
