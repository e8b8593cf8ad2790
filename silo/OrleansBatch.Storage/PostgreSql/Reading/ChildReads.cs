using System.Collections.Immutable;
using Npgsql;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Listings;

namespace OrleansBatch.Storage.PostgreSql.Reading;

/// <summary>Reads an array's children, or a multi-node job's nodes: those with rows, and those that are as their parent's row says.</summary>
internal static class ChildReads
{
    private const string All = "SELECT index, version, state FROM array_children WHERE parent = $1 ORDER BY index";

    private const string Statuses = "SELECT index, status FROM array_children WHERE parent = $1";

    private const string InStatus =
        "SELECT index, version, state FROM array_children WHERE parent = $1 AND status = $2 AND index > $3 ORDER BY index LIMIT $4";

    /// <summary>A child with its row, if it has one; null when there is none with this index.</summary>
    public static JobRecord? Of(JobRecord parent, int index, PartState? row) => MultiNodeJobs.PartsOf(parent.Spec) is not { } parts || index >= parts ? null
        : row is null ? ArrayJobs.Child(parent, index)
        : ArrayJobs.Child(parent, index, row.Version, row.State);

    /// <summary>All of them, by index.</summary>
    public static async Task<ImmutableArray<JobRecord>> ReadAllAsync(PostgresSession session, JobRecord parent) =>
        ChildPages.All(parent, await session.ListAsync(All, reader => Child(reader, parent), parent.Sequence));

    /// <summary>A page of children in one status.</summary>
    public static async Task<ChildPage> ListAsync(PostgresSession session, JobRecord parent, ChildListing listing)
    {
        var found = await session.ListAsync(
            InStatus, reader => Child(reader, parent), parent.Sequence, (short)listing.Status, listing.AfterIndex, listing.Limit + 1);
        return ChildPages.Page(listing, parent, found, ChildPages.NeedsStatuses(listing, parent) ? await ReadStatusesAsync(session, parent) : null);
    }

    /// <summary>The statuses of all children.</summary>
    public static async Task<ArrayReading> ReadStatusesAsync(PostgresSession session, JobRecord parent)
    {
        var rows = new JobStatus?[MultiNodeJobs.PartsOf(parent.Spec)!.Value];
        foreach (var (index, status) in await session.ListAsync(Statuses, reader => (reader.GetInt32(0), (JobStatus)reader.GetInt16(1)), parent.Sequence))
        {
            rows[index] = status;
        }

        return new(parent, rows);
    }

    private static JobRecord Child(NpgsqlDataReader reader, JobRecord parent)
    {
        var row = PartState.Read(reader, 1);
        return ArrayJobs.Child(parent, reader.GetInt32(0), row.Version, row.State);
    }
}

/// <summary>What the row of a child says.</summary>
internal sealed record PartState(long Version, JobState State)
{
    /// <summary>From columns for version and state.</summary>
    public static PartState Read(NpgsqlDataReader reader, int column) => new(reader.GetInt64(column), JobReads.State(reader, column + 1));
}
