using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>What a queue is told of a job.</summary>
internal static class QueueEntries
{
    public static QueueEntry Of(JobRecord job) => Of(job.JobId, job.Sequence, job.Spec, job.State, job.Child?.Index ?? -1);

    public static QueueEntry Of(string jobId, long sequence, JobSpec spec, JobState state, int index = -1) => new()
    {
        JobId = jobId,
        Sequence = sequence,
        TriedBefore = state.Fence > 0,
        Needs = spec.Needs,
        Index = index,
        ArraySize = state.Unwritten is null ? 0 : spec.ArraySize ?? 0,
        Consumables = spec.ConsumableResources,
        Share = spec.ShareIdentifier,
        Priority = spec.SchedulingPriority ?? 0,
        Gang = MultiNodeJobs.HostsOf(spec),
    };
}
