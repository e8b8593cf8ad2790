using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The rows of all jobs in a SQLite file.</summary>
public sealed class SqliteJobStore(SqliteDatabase database) : IJobStore
{
    internal const string ById =
        """
        SELECT j.sequence, q.key, j.version, j.created_at, j.state, s.spec, j.job_id, a.size,
            a.updated_at, a.first_started_at, a.last_stopped_at, a.is_owed, a.submitted, a.pending, a.runnable, a.starting, a.running, a.succeeded, a.failed
        FROM jobs j JOIN queues q ON q.id = j.queue JOIN job_specs s ON s.sequence = j.sequence LEFT JOIN arrays a ON a.sequence = j.sequence
        WHERE j.job_id = ?1
        """;

    /// <inheritdoc/>
    public async Task<StepResult> CommitAsync(JobStep step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new StepWrite(new(step), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<string?> ReadInvocationAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<string?>(tables => tables.Invocations.Find(key), cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<JobRecord?> ReadAsync(string jobId, CancellationToken cancellationToken)
    {
        if (database.Recent.Read(jobId) is { } recent)
        {
            return new(recent);
        }

        // The parent first: a child that is read later is never older than it.
        var parent = JobPartIds.TryParsePart(jobId, out var parentId, out var index, out var isNode) ? database.Recent.Read(parentId) : null;
        return parent is null || (parent.Spec.Nodes is not null) != isNode
            ? database.Readers.ReadTogetherAsync(session => Read(session, jobId), cancellationToken)
            : database.Readers.ReadAsync(session => Children.Read(session, parent, index), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobRecord>> ReadManyAsync(Scope scope, IReadOnlyCollection<string> jobIds, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session =>
            {
                // Many children of one array are asked for together.
                Dictionary<string, JobRecord?> parents = new(StringComparer.Ordinal);
                return jobIds
                    .Distinct(StringComparer.Ordinal)
                    .Select(jobId => Read(session, jobId, parents))
                    .OfType<JobRecord>()
                    .Where(job => job.Scope == scope)
                    .ToList();
            },
            cancellationToken);

    /// <inheritdoc/>
    public async Task<JobPage> ListAsync(JobListing listing, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => JobListings.Read(session, listing), cancellationToken);

    /// <inheritdoc/>
    public async Task<ChildPage?> ListChildrenAsync(ChildListing listing, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => Read(session, listing.ParentId) is { } parent && parent.Scope == listing.Scope
                && (listing.AreNodes ? parent.Spec.Nodes is not null : parent.Spec.ArraySize is not null)
                ? Children.List(session, parent, listing)
                : null,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<ArrayReading?> ReadArrayAsync(string jobId, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => Read(session, jobId) is { Spec.ArraySize: not null } parent ? Children.Statuses(session, parent) : null,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<GangReading?> ReadGangAsync(string jobId, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => Read(session, jobId) is { Spec.Nodes: not null } job ? new GangReading(job, Children.ReadAll(session, job)) : null,
            cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OwedLook>> ReadOwedLooksAsync(string jobId, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => UnfinishedJobs.ReadOwedLooks(session, jobId, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunnableJob>> ReadRunnableAsync(
        ScopedName queue, RunnableJob? after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => UnfinishedJobs.ReadRunnable(session, queue, after, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ShareUse>> ReadShareUseAsync(ScopedName queue, DateTimeOffset after, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => SharesOfQueue.ReadUse(session, queue, after), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PendingShare>> ReadPendingSharesAsync(ScopedName queue, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => SharesOfQueue.ReadPending(session, queue), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OpenJob>> ReadOpenAsync(ScopedName queue, long afterSequence, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => UnfinishedJobs.ReadOpen(session, queue, afterSequence, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlacedJob>> ReadPlacedInEnvironmentAsync(ScopedName environment, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => UnfinishedJobs.ReadPlaced(session, UnfinishedJobs.InEnvironment, UnfinishedJobs.ChildrenInEnvironment, environment.Key), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlacedJob>> ReadPlacedOnNodeAsync(string nodeId, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => UnfinishedJobs.ReadPlaced(session, UnfinishedJobs.OnNode, UnfinishedJobs.ChildrenOnNode, nodeId), cancellationToken);

    /// <inheritdoc/>
    public async Task<UnfinishedWork> ReadUnfinishedWorkAsync(CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(UnfinishedJobs.ReadKeys, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> TakeEpochAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<long>(
            tables =>
            {
                tables.IsChanged = true;
                return tables.Epochs.Take(key);
            },
            cancellationToken));
    }

    internal static JobRecord? Read(SqliteSession session, string jobId, Dictionary<string, JobRecord?>? parents = null)
    {
        if (JobPartIds.TryParsePart(jobId, out var parentId, out var index, out var isNode))
        {
            JobRecord? parent = null;
            if (parents?.TryGetValue(parentId, out parent) != true)
            {
                parent = Read(session, parentId);
                parents?.Add(parentId, parent);
            }

            return parent is null || (parent.Spec.Nodes is not null) != isNode ? null : Children.Read(session, parent, index);
        }

        var select = session.Prepare(ById).Bind(1, jobId);
        var job = select.Step()
            ? new JobRecord
            {
                JobId = select.Text(6),
                Scope = ScopedName.Parse(select.Text(1)).Scope,
                Sequence = select.Int64(0),
                Version = select.Int64(2),
                CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(select.Int64(3)),
                Spec = StoreJson.ReadSpec(select.Bytes(5)),
                State = StoreJson.ReadState(select.Bytes(4)),
                Children = select.IsNull(7) ? null : ArrayRows.Counts(select, 8),
            }
            : null;
        select.Reset();
        return job;
    }
}
