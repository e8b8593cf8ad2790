using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.PostgreSql.Reading;
using OrleansBatch.Storage.PostgreSql.Writing;

namespace OrleansBatch.Storage.PostgreSql;

/// <summary>The rows of all jobs in a PostgreSQL database.</summary>
public sealed class PostgresJobStore(PostgresDatabase database) : IJobStore
{
    private const string Invocation = "SELECT answer FROM invocations WHERE key = $1";

    /// <inheritdoc/>
    public async Task<StepResult> CommitAsync(JobStep step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new PostgresStepWrite(new(step), cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<string?> ReadInvocationAsync(string key, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => session.FirstAsync(Invocation, reader => reader.GetString(0), key), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<JobRecord?> ReadAsync(string jobId, CancellationToken cancellationToken) => await database.Jobs.ReadAsync(jobId, cancellationToken);

    /// <inheritdoc/>
    public JobRecord? FindInserted(string jobId) => database.Recent.Find(jobId);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobRecord>> ReadManyAsync(Scope scope, IReadOnlyCollection<string> jobIds, CancellationToken cancellationToken)
    {
        var jobs = await database.Readers.ReadAsync(session => JobReads.ReadAsync(session, jobIds), cancellationToken);
        return [.. jobs.Values.Where(job => job.Scope == scope)];
    }

    /// <inheritdoc/>
    public Task<JobPage> ListAsync(JobListing listing, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => JobListings.ReadAsync(session, listing), cancellationToken);

    /// <inheritdoc/>
    public Task<ChildPage?> ListChildrenAsync(ChildListing listing, CancellationToken cancellationToken) => database.Readers.ReadTogetherAsync(
        async session => await JobReads.ReadAsync(session, listing.ParentId) is { } parent && parent.Scope == listing.Scope
            && (listing.AreNodes ? parent.Spec.Nodes is not null : parent.Spec.ArraySize is not null)
            ? await ChildReads.ListAsync(session, parent, listing)
            : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<ArrayReading?> ReadArrayAsync(string jobId, CancellationToken cancellationToken) => database.Readers.ReadTogetherAsync(
        async session => await JobReads.ReadAsync(session, jobId) is { Spec.ArraySize: not null } parent ? await ChildReads.ReadStatusesAsync(session, parent) : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<GangReading?> ReadGangAsync(string jobId, CancellationToken cancellationToken) => database.Readers.ReadTogetherAsync(
        async session => await JobReads.ReadAsync(session, jobId) is { Spec.Nodes: not null } job ? new GangReading(job, await ChildReads.ReadAllAsync(session, job)) : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OwedLook>> ReadOwedLooksAsync(string jobId, int limit, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(session => UnfinishedJobs.ReadOwedLooksAsync(session, jobId, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<RunnableJob>> ReadRunnableAsync(ScopedName queue, RunnableJob? after, int limit, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => UnfinishedJobs.ReadRunnableAsync(session, queue, after, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ShareUse>> ReadShareUseAsync(ScopedName queue, DateTimeOffset after, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(session => SharesOfQueue.ReadUseAsync(session, queue, after), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PendingShare>> ReadPendingSharesAsync(ScopedName queue, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => SharesOfQueue.ReadPendingAsync(session, queue), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<OpenJob>> ReadOpenAsync(ScopedName queue, long afterSequence, int limit, CancellationToken cancellationToken) =>
        database.Readers.ReadAsync(session => UnfinishedJobs.ReadOpenAsync(session, queue, afterSequence, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlacedJob>> ReadPlacedInEnvironmentAsync(ScopedName environment, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => UnfinishedJobs.ReadPlacedInEnvironmentAsync(session, environment), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PlacedJob>> ReadPlacedOnNodeAsync(string nodeId, CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(session => UnfinishedJobs.ReadPlacedOnNodeAsync(session, nodeId), cancellationToken);

    /// <inheritdoc/>
    public Task<UnfinishedWork> ReadUnfinishedWorkAsync(CancellationToken cancellationToken) =>
        database.Readers.ReadTogetherAsync(UnfinishedJobs.ReadKeysAsync, cancellationToken);

    /// <inheritdoc/>
    public async Task<long> TakeEpochAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new EpochWrite(key, cancellationToken));
    }
}
