using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Sqlite;

/// <summary>The rows of all jobs in a SQLite file.</summary>
public sealed class SqliteJobStore(SqliteDatabase database) : IJobStore
{
    internal const string ById =
        """
        SELECT j.sequence, q.key, j.version, j.created_at, j.state, s.spec, j.job_id
        FROM jobs j JOIN queues q ON q.id = j.queue JOIN job_specs s ON s.sequence = j.sequence WHERE j.job_id = ?1
        """;

    /// <inheritdoc/>
    public async Task<StepResult> CommitAsync(JobStep step, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new PreparedStep(step, cancellationToken));
    }

    /// <inheritdoc/>
    public async Task<string?> ReadInvocationAsync(string key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return await database.Writer.WriteAsync(new TableWrite<string?>(tables => tables.Invocations.Find(key), cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<JobRecord?> ReadAsync(string jobId, CancellationToken cancellationToken) =>
        database.Recent.Read(jobId) is { } recent
            ? new(recent)
            : database.Readers.ReadAsync(session => Read(session, jobId), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<JobRecord>> ReadManyAsync(Scope scope, IReadOnlyCollection<string> jobIds, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(
            session => jobIds
                .Distinct(StringComparer.Ordinal)
                .Select(jobId => Read(session, jobId))
                .OfType<JobRecord>()
                .Where(job => job.Scope == scope)
                .ToList(),
            cancellationToken);

    /// <inheritdoc/>
    public async Task<JobPage> ListAsync(JobListing listing, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => JobListings.Read(session, listing), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<RunnableJob>> ReadRunnableAsync(
        ScopedName queue, RunnableJob? after, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadTogetherAsync(session => UnfinishedJobs.ReadRunnable(session, queue, after, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<OpenJob>> ReadOpenAsync(ScopedName queue, long afterSequence, int limit, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => UnfinishedJobs.ReadOpen(session, queue, afterSequence, limit), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlacedJob>> ReadPlacedInEnvironmentAsync(ScopedName environment, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(
            session => UnfinishedJobs.ReadPlaced(session, UnfinishedJobs.InEnvironment, environment.Key), cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PlacedJob>> ReadPlacedOnNodeAsync(string nodeId, CancellationToken cancellationToken) =>
        await database.Readers.ReadAsync(session => UnfinishedJobs.ReadPlaced(session, UnfinishedJobs.OnNode, nodeId), cancellationToken);

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

    private static JobRecord? Read(SqliteSession session, string jobId)
    {
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
            }
            : null;
        select.Reset();
        return job;
    }
}
