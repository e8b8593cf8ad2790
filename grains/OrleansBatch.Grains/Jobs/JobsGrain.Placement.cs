using OrleansBatch.Core.Capacity.Unplaced;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

/// <summary>Why a job is where it is.</summary>
internal sealed partial class JobsGrain
{
    public async Task<PlacementExplanation> Explain(string jobId, CancellationToken cancellationToken)
    {
        if (await _store.ReadManyAsync(Scope, [jobId], cancellationToken) is not [var job])
        {
            throw new BatchClientException($"Job {jobId} does not exist.");
        }

        var status = ArrayJobs.Schedulable(job.State).Status;
        return job.State.Placement is { } placement ? await ExplainPlaceAsync(job, placement, cancellationToken)
            : status == JobStatus.Runnable ? await ExplainWaitAsync(job, cancellationToken)
            : new() { JobId = jobId, Status = job.State.Status.ToWire(), Explanation = PlacementTexts.Of(job.State.Status) };
    }

    private async Task<PlacementExplanation> ExplainPlaceAsync(JobRecord job, JobPlacement placement, CancellationToken cancellationToken)
    {
        var id = placement.Fargate?.Id ?? placement.HostId;
        var host = (await Environment(placement.Environment).Hosts(cancellationToken)).FirstOrDefault(host => host.HostId == id);
        return new()
        {
            JobId = job.JobId,
            Status = job.State.Status.ToWire(),
            Explanation = PlacementTexts.IsPlaced(placement, host, MultiNodeJobs.IsNode(job)),
            Host = host,
            ComputeEnvironment = placement.Environment,
        };
    }

    private async Task<PlacementExplanation> ExplainWaitAsync(JobRecord job, CancellationToken cancellationToken)
    {
        var queue = GrainFactory.Refer<IJobQueueGrain>(new ScopedName(Scope, job.Spec.JobQueue).Key);
        var environments = (await queue.Read(cancellationToken))?.Environments ?? [];
        var outlooks = await Task.WhenAll(environments.Select(name => Environment(name).Explain(job.Spec.Needs, MultiNodeJobs.HostsOf(job.Spec), cancellationToken)));
        EnvironmentOutlookDetail[] known = [.. outlooks.OfType<EnvironmentOutlookDetail>()];
        return new()
        {
            JobId = job.JobId,
            Status = job.State.Status.ToWire(),
            Explanation = PlacementTexts.Waits(job.State.StatusReason, await queue.Before(job.JobId, PlacementTexts.MostCounted, cancellationToken), known),
            Environments = known,
        };
    }

    private IComputeEnvironmentGrain Environment(string name) => GrainFactory.Refer<IComputeEnvironmentGrain>(new ScopedName(Scope, name).Key);
}
