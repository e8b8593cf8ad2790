using System.Text.Json;
using Orleans.Concurrency;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Accepts submissions and reads rows. Keeps nothing, so that every silo may have many.</summary>
[StatelessWorker, Reentrant]
internal sealed class JobsGrain : Grain, IJobsGrain
{
    private readonly IJobStore _store;
    private readonly Post _post;
    private readonly IFailpoints _failpoints;
    private readonly TimeProvider _time;
    private readonly SharedReads<DefinitionReference, JobDefinition?> _definitions;
    private readonly SharedReads<string, JobQueueConfiguration?> _queues;
    private Scope? _scope;

    public JobsGrain(IJobStore store, Post post, IFailpoints failpoints, TimeProvider time)
    {
        (_store, _post, _failpoints, _time) = (store, post, failpoints, time);
        _definitions = new(ReadDefinitionAsync);
        _queues = new(name => GrainFactory.Refer<IJobQueueGrain>(new ScopedName(Scope, name).Key).Read(CancellationToken.None));
    }

    private Scope Scope => _scope ??= Scope.Parse(this.GetPrimaryKeyString());

    public async Task<SubmitJobResponse> Submit(SubmitJobRequest request, Invocation? invocation, CancellationToken cancellationToken)
    {
        NewJob job;
        try
        {
            job = await PrepareAsync(request);
        }
        catch (BatchClientException) when (invocation is not null)
        {
            // What was accepted once stays accepted, even if its queue or definition has changed since.
            if (await _store.ReadInvocationAsync(invocation.Key, cancellationToken) is { } recorded)
            {
                return Answer(recorded);
            }

            throw;
        }

        var answer = new SubmitJobResponse { JobArn = Arns.Job(Scope, job.JobId), JobName = job.Spec.JobName, JobId = job.JobId };
        var result = await _store.CommitAsync(
            new()
            {
                Inserts = [job],
                Invocation = invocation is null ? null : new(invocation.Key, JsonSerializer.Serialize(answer, AnswersJson.Default.SubmitJobResponse), job.CreatedAt),
            },
            cancellationToken);
        if (result.Outcome == StepOutcome.AlreadyInvoked)
        {
            return Answer(result.RecordedAnswer!);
        }

        if (result.Outcome != StepOutcome.Committed)
        {
            throw new JobStoreException($"Job {job.JobId} could not be inserted: {result.Outcome}.");
        }

        _failpoints.Reach(Failpoint.CommittedNotAnswered);
        if (job.State.Status == JobStatus.Runnable)
        {
            _post.Enqueue(
                new ScopedName(Scope, job.Spec.JobQueue).Key,
                new() { JobId = job.JobId, Sequence = result.Sequences[0], TriedBefore = false, Needs = job.Spec.Needs });
        }

        return answer;
    }

    public async Task<DescribeJobsResponse> Describe(DescribeJobsRequest request, CancellationToken cancellationToken)
    {
        var ids = JobRequests.DescribeIds(request, Scope);
        var found = (await _store.ReadManyAsync(Scope, ids, cancellationToken)).ToDictionary(job => job.JobId);
        return new()
        {
            Jobs = [.. ids.Distinct().Where(found.ContainsKey).Select(id => JobDescriptions.Detail(found[id]))],
        };
    }

    public async Task<ListJobsResponse> List(ListJobsRequest request, CancellationToken cancellationToken)
    {
        var plan = JobRequests.List(request, Scope);
        var queue = new ScopedName(Scope, plan.QueueName);
        if (await _queues.ReadAsync(plan.QueueName) is null)
        {
            throw Arns.DoesNotExist(ResourceKind.JobQueue, plan.QueueName);
        }

        JobPage page;
        try
        {
            page = await _store.ListAsync(
                new() { Queue = queue, Filter = Filter(plan.Filter), After = plan.Cursor, Limit = plan.Limit },
                cancellationToken);
        }
        catch (FormatException)
        {
            // A token of ours, but of another version's store.
            throw new BatchClientException("nextToken is not valid any more: list again from the first page.");
        }

        return new()
        {
            JobSummaryList = [.. page.Jobs.Select(Summary)],
            NextToken = plan.NextToken(page.Next),
        };
    }

    public async Task Cancel(StopJobRequest request, CancellationToken cancellationToken)
    {
        var (jobId, reason) = JobRequests.Stop(request, Scope);
        if (await CanEndAsync(jobId, cancellationToken))
        {
            await GrainFactory.Refer<IJobGrain>(jobId).Cancel(Scope, reason, cancellationToken);
        }
    }

    public async Task Terminate(StopJobRequest request, CancellationToken cancellationToken)
    {
        var (jobId, reason) = JobRequests.Stop(request, Scope);
        if (await CanEndAsync(jobId, cancellationToken))
        {
            await GrainFactory.Refer<IJobGrain>(jobId).Terminate(Scope, reason, cancellationToken);
        }
    }

    /// <summary>Whether there is anything to end: what is unknown or finished needs no grain, however often it is asked for.</summary>
    private async Task<bool> CanEndAsync(string jobId, CancellationToken cancellationToken) =>
        await _store.ReadAsync(jobId, cancellationToken) is { } job && job.Scope == Scope && !job.State.Status.IsTerminal();

    private async Task<NewJob> PrepareAsync(SubmitJobRequest request)
    {
        Submission.Check(request);
        var reference = Submission.ParseDefinition(request.JobDefinition!, Scope);
        var queueName = Arns.NameOf(ResourceKind.JobQueue, request.JobQueue!, Scope);
        var finding = _definitions.ReadAsync(reference);
        var queue = await _queues.ReadAsync(queueName) ?? throw Arns.DoesNotExist(ResourceKind.JobQueue, request.JobQueue!);
        var definition = await finding
            ?? throw Submission.NoActiveDefinition(request.JobDefinition!);

        var spec = Submission.Prepare(request, definition, Admission(queue), Scope);
        var now = _time.GetUtcNow();
        var state = JobTransitions.Next(JobTransitions.New(), spec.RetryStrategy, new JobEvent.Accepted(HasDependencies: false));
        if (Submission.TaskRefusal(spec) is { } refusal)
        {
            state = JobTransitions.Next(state, spec.RetryStrategy, new JobEvent.TaskRefused(refusal, now));
        }

        // Ids in the order of time: an index of them grows at its end, where random ones would change a page each.
        return new(Guid.CreateVersion7(now).ToString(), Scope, now, spec, state);
    }

    private async Task<JobDefinition?> ReadDefinitionAsync(DefinitionReference reference)
    {
        var key = new ScopedName(Scope, reference.Name).Key;
        var definition = await GrainFactory.Refer<IJobDefinitionGrain>(key).Resolve(reference.Revision, CancellationToken.None);
        return definition is { IsActive: true } ? definition : null;
    }

    private static QueueAdmission Admission(JobQueueConfiguration queue) => new(
        queue.Name.Name,
        queue.State == "ENABLED",
        queue.Status == "DELETING",
        [queue.JobQueueType == "ECS_FARGATE" ? "FARGATE" : "EC2"])
    {
        IsFairShare = queue.SchedulingPolicy is not null,
    };

    private static JobFilter Filter(JobListFilter filter) => filter switch
    {
        JobListFilter.InStatus f => new JobFilter.InStatus(f.Status),
        JobListFilter.Named f => new JobFilter.Named(f.Name, f.IsPrefix),
        JobListFilter.OfDefinition f => new JobFilter.OfDefinition(f.Name, f.Revision, f.IsPrefix),
        JobListFilter.CreatedBefore f => new JobFilter.CreatedBefore(f.Time),
        JobListFilter.CreatedAfter f => new JobFilter.CreatedAfter(f.Time),
        _ => throw new InvalidOperationException($"No such filter: {filter}."),
    };

    private JobSummary Summary(JobListItem job) => JobDescriptions.Summary(
        Scope,
        job.JobId,
        job.JobName,
        job.DefinitionName,
        job.DefinitionRevision,
        job.CreatedAt,
        job.Needs,
        job.State);

    private static SubmitJobResponse Answer(string recorded) =>
        JsonSerializer.Deserialize(recorded, AnswersJson.Default.SubmitJobResponse)!;
}
