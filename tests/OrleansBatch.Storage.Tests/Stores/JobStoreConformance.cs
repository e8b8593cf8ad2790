using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Storage.Tests.Stores;

/// <summary>What every test of a job store begins with.</summary>
public abstract class JobStoreConformance : IAsyncLifetime
{
    protected StoreUnderTest Store { get; private set; } = null!;

    protected IJobStore Jobs => Store.Jobs;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Store.DisposeAsync();
    }

    protected abstract Task<StoreUnderTest> OpenAsync();

    protected Task<StepResult> CommitAsync(JobStep step) => Jobs.CommitAsync(step, Token);

    protected Task<StepResult> InsertAsync(params ReadOnlySpan<NewJob> jobs) => CommitAsync(AJob.Step(jobs));

    protected Task<StepResult> WriteAsync(string jobId, long expectedVersion, JobState state) => CommitAsync(AJob.Write(jobId, expectedVersion, state));

    protected async Task<JobRecord> ReadAsync(string jobId) =>
        await Jobs.ReadAsync(jobId, Token) ?? throw new InvalidOperationException($"There is no job {jobId}.");

    /// <summary>Ids of all pages, one after another.</summary>
    protected async Task<List<string>> ListAsync(JobFilter filter, int limit = 1_000, ScopedName? queue = null)
    {
        List<string> ids = [];
        string? next = null;
        do
        {
            var page = await Jobs.ListAsync(new() { Queue = queue ?? AJob.Queue, Filter = filter, After = next, Limit = limit }, Token);
            Assert.True(page.Jobs.Count <= limit);
            ids.AddRange(page.Jobs.Select(job => job.JobId));
            next = page.Next;
        }
        while (next is not null);
        return ids;
    }
}
