using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Names;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ConsumableResources;
using OrleansBatch.GrainInterfaces.JobDefinitions;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.JobQueues;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Grains.Telemetry;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Accepts submissions and reads rows. Keeps nothing, so that every silo may have many.</summary>
[StatelessWorker, Reentrant]
internal sealed partial class JobsGrain : Grain, IJobsGrain
{
    private static readonly FrozenDictionary<string, JobRecord> NoJobs = FrozenDictionary<string, JobRecord>.Empty;

    private readonly IJobStore _store;
    private readonly Post _post;
    private readonly IFailpoints _failpoints;
    private readonly BatchMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger<JobsGrain> _logger;
    private readonly SharedReads<DefinitionReference, JobDefinition?> _definitions;
    private readonly SharedReads<string, JobQueueConfiguration?> _queues;
    private Scope? _scope;

    public JobsGrain(IJobStore store, Post post, IFailpoints failpoints, BatchMetrics metrics, TimeProvider time, ILogger<JobsGrain> logger)
    {
        (_store, _post, _failpoints, _metrics, _time, _logger) = (store, post, failpoints, metrics, time, logger);
        _definitions = new(ReadDefinitionAsync);
        _queues = new(name => GrainFactory.Refer<IJobQueueGrain>(new ScopedName(Scope, name).Key).Read(CancellationToken.None));
    }

    private Scope Scope => _scope ??= Scope.Parse(this.GetPrimaryKeyString());

    public async Task<SubmitJobResponse> Submit(SubmitJobRequest request, Invocation? invocation, CancellationToken cancellationToken)
    {
        NewJob job;
        try
        {
            job = await PrepareAsync(request, cancellationToken);
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
        var prepared = _time.GetUtcNow();
        var result = await _store.CommitAsync(
            new()
            {
                Inserts = [job],
                Invocation = invocation is null ? null : new(invocation.Key, JsonSerializer.Serialize(answer, AnswersJson.Default.SubmitJobResponse), job.CreatedAt),
            },
            cancellationToken);
        if (result.Outcome == StepOutcome.AlreadyInvoked)
        {
            var before = Answer(result.RecordedAnswer!);
            await EnqueueAgainAsync(before.JobId, cancellationToken);
            return before;
        }

        if (result.Outcome != StepOutcome.Committed)
        {
            throw new JobStoreException($"Job {job.JobId} could not be inserted: {result.Outcome}.");
        }

        _failpoints.Reach(Failpoint.CommittedNotAnswered);
        Tell(job, prepared);
        var entry = QueueEntries.Of(job.JobId, result.Sequences[0], job.Spec, job.State);
        if (ArrayJobs.Schedulable(job.State).Status == JobStatus.Runnable)
        {
            _post.Enqueue(new ScopedName(Scope, job.Spec.JobQueue).Key, entry);
        }
        else if (entry.Share is not null && job.State.Status == JobStatus.Pending)
        {
            _post.Pending(new ScopedName(Scope, job.Spec.JobQueue).Key, entry);
        }

        if (!result.Owed.IsEmpty)
        {
            // What it waits for has ended in between.
            _post.LookAtDependencies(job.JobId);
        }

        return answer;
    }

    private void Tell(NewJob job, DateTimeOffset prepared)
    {
        var now = _time.GetUtcNow();
        _metrics.Submitted(job.Spec.JobQueue);
        _metrics.Committed(now - prepared);
        if (!JobTraces.IsOn)
        {
            return;
        }

        JobTraces.Tell("store.commit", job.JobId, prepared, now);
        JobTraces.Tell("job.submit", job.JobId, job.CreatedAt, now, new("orleansbatch.job.queue", job.Spec.JobQueue), new("orleansbatch.job.name", job.Spec.JobName));
        if (Activity.Current is { } request && JobTraces.ContextOf(job.JobId) is { } trace)
        {
            // From the call to the job that it made.
            _ = request.AddLink(new(trace));
        }
    }

    /// <summary>Whoever accepted the job may have died, or never learnt that it was stored, before its queue was told.</summary>
    private async Task EnqueueAgainAsync(string jobId, CancellationToken cancellationToken)
    {
        if (await _store.ReadManyAsync(Scope, [jobId], cancellationToken) is [var job]
            && ArrayJobs.Schedulable(job.State).Status == JobStatus.Runnable
            && (job.Spec.ArraySize is null || job.Children is not { } children || children.Of(JobStatus.Runnable) == children.Total))
        {
            _post.Enqueue(new ScopedName(Scope, job.Spec.JobQueue).Key, QueueEntries.Of(job));
        }
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
        if (plan.QueueName is null)
        {
            return await ListChildrenAsync(plan, cancellationToken);
        }

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

    private async Task<ListJobsResponse> ListChildrenAsync(ListPlan plan, CancellationToken cancellationToken)
    {
        var status = ((JobListFilter.InStatus)plan.Filter).Status;
        var page = await _store.ListChildrenAsync(new(Scope, plan.ParentId!, plan.AreNodes, status, plan.AfterIndex, plan.Limit), cancellationToken)
            ?? throw JobRequests.NoParent(plan.ParentId!, plan.AreNodes);
        return new()
        {
            JobSummaryList = [.. page.Jobs.Select(JobDescriptions.Summary)],
            NextToken = page.IsLast ? null : plan.NextToken(page.Jobs[^1].Child!.Index),
        };
    }

    public Task Cancel(StopJobRequest request, CancellationToken cancellationToken)
    {
        var (jobId, reason) = JobRequests.Stop(request, Scope);
        return CancelAsync(jobId, reason, cancellationToken);
    }

    public Task Terminate(StopJobRequest request, CancellationToken cancellationToken)
    {
        var (jobId, reason) = JobRequests.Stop(request, Scope);
        return TerminateAsync(jobId, reason, cancellationToken);
    }

    public Task<StopJobsResponse> CancelMany(StopJobsRequest request, CancellationToken cancellationToken) =>
        StopManyAsync(request, jobId => CancelAsync(jobId, request.Reason!, cancellationToken));

    public Task<StopJobsResponse> TerminateMany(StopJobsRequest request, CancellationToken cancellationToken) =>
        StopManyAsync(request, jobId => TerminateAsync(jobId, request.Reason!, cancellationToken));

    private async Task CancelAsync(string jobId, string reason, CancellationToken cancellationToken)
    {
        if (await CanEndAsync(jobId, cancellationToken))
        {
            await GrainFactory.Refer<IJobGrain>(jobId).Cancel(Scope, reason, cancellationToken);
        }
    }

    private async Task TerminateAsync(string jobId, string reason, CancellationToken cancellationToken)
    {
        if (await CanEndAsync(jobId, cancellationToken))
        {
            await GrainFactory.Refer<IJobGrain>(jobId).Terminate(Scope, reason, cancellationToken);
        }
    }

    /// <summary>Each job for itself: one that cannot be ended now does not hold up the others.</summary>
    private async Task<StopJobsResponse> StopManyAsync(StopJobsRequest request, Func<string, Task> stop)
    {
        var (good, bad) = JobRequests.StopMany(request, Scope);
        var failed = await Task.WhenAll(good.Select(async job =>
        {
            try
            {
                await stop(job.JobId);
                return null;
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                LogNotStopped(exception, job.JobId);
                return new StopJobError { Job = job.Sent, Code = "ServerException", Message = "Failed to read job state. Please retry this job." };
            }
        }));
        return new()
        {
            Successful = [.. good.Zip(failed).Where(pair => pair.Second is null).Select(pair => pair.First.Sent)],
            Errors = [.. bad, .. failed.OfType<StopJobError>()],
        };
    }

    /// <summary>Whether there is anything to end: what is unknown or finished needs no grain, however often it is asked for.</summary>
    private async Task<bool> CanEndAsync(string jobId, CancellationToken cancellationToken) =>
        await _store.ReadAsync(jobId, cancellationToken) is { } job && job.Scope == Scope && !job.State.Status.IsTerminal();

    private async Task<NewJob> PrepareAsync(SubmitJobRequest request, CancellationToken cancellationToken)
    {
        Submission.Check(request);
        var dependsOn = Dependencies.Read(request.DependsOn, Scope);
        var reference = Submission.ParseDefinition(request.JobDefinition!, Scope);
        var queueName = Arns.NameOf(ResourceKind.JobQueue, request.JobQueue!, Scope);
        var finding = _definitions.ReadAsync(reference);
        var queue = await _queues.ReadAsync(queueName) ?? throw Arns.DoesNotExist(ResourceKind.JobQueue, request.JobQueue!);
        var definition = await finding
            ?? throw Submission.NoActiveDefinition(request.JobDefinition!);

        var spec = Submission.Prepare(request, definition, Admission(queue), Scope, dependsOn);
        var named = Dependencies.Named(dependsOn);
        var found = named.Count == 0
            ? NoJobs
            : (await _store.ReadManyAsync(Scope, named, cancellationToken)).ToFrozenDictionary(job => job.JobId);
        Dependencies.CheckTargets(dependsOn, spec.ArraySize, found);
        foreach (var need in spec.ConsumableResources ?? [])
        {
            _ = await GrainFactory.Refer<IConsumableResourceGrain>(new ScopedName(Scope, need.ResourceName).Key).Read(cancellationToken)
                ?? throw Arns.DoesNotExist(ResourceKind.ConsumableResource, need.ResourceName);
        }

        if (spec.ShareIdentifier is { } share && !await GrainFactory.Refer<IJobQueueGrain>(new ScopedName(Scope, queueName).Key).Admits(share, cancellationToken))
        {
            throw ShareRules.TooManyShares(queueName);
        }

        var now = _time.GetUtcNow();
        var accepted = Submission.Accept(spec, found, now);
        // Ids in the order of time: an index of them grows at its end, where random ones would change a page each.
        return new(Guid.CreateVersion7(now).ToString(), Scope, now, spec, accepted.State)
        {
            Waits = WaitsOf(spec, accepted.State),
            Changes = accepted.Changes,
            UnwrittenChanges = accepted.UnwrittenChanges,
        };
    }

    private static ImmutableArray<Wait> WaitsOf(JobSpec spec, JobState state) => ArrayJobs.Schedulable(state).Status != JobStatus.Pending ? [] :
    [
        .. Dependencies.Whole(spec.DependsOn).Select(id => new Wait(id, WaitKind.Whole)),
        .. Dependencies.EachToEachWith(spec.DependsOn).Select(id => new Wait(id, WaitKind.EachToEach)),
        .. Dependencies.IsSequence(spec.DependsOn) ? [new Wait("", WaitKind.Sequence)] : Array.Empty<Wait>(),
    ];

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
        JobListFilter.InShare f => new JobFilter.InShare(f.Share, f.Status),
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
        job.State,
        job.IsGang ? null : ArrayJobs.Describe(job.Children?.Total, job.Children, index: null),
        job.Share,
        job.IsGang ? new() { NumNodes = job.Children?.Total } : null);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId} of a call for many could not be ended")]
    private partial void LogNotStopped(Exception exception, string jobId);

    private static SubmitJobResponse Answer(string recorded) =>
        JsonSerializer.Deserialize(recorded, AnswersJson.Default.SubmitJobResponse)!;
}
