using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Posting;

/// <summary>The silo's outgoing post: messages that nobody waits for, batched by receiver and repeated until answered.</summary>
internal sealed class Post(IGrainFactory grains, TimeProvider time, ILogger<Post> logger, IHostApplicationLifetime lifetime)
{
    private readonly Mailbox<QueueEntry> _enqueued = new(
        "Enqueue",
        (key, jobs, cancellationToken) => grains.Refer<IJobQueueGrain>(key).Enqueue(jobs, cancellationToken),
        time,
        logger,
        lifetime.ApplicationStopping);

    private readonly Mailbox<QueueEntry> _removed = new(
        "Remove",
        (key, jobs, cancellationToken) => grains.Refer<IJobQueueGrain>(key).Remove(jobs, cancellationToken),
        time,
        logger,
        lifetime.ApplicationStopping);

    private readonly Mailbox<bool> _woken = new(
        "Wake",
        (key, _, cancellationToken) => grains.Refer<IJobQueueGrain>(key).Wake(cancellationToken),
        time,
        logger,
        lifetime.ApplicationStopping);

    private readonly Mailbox<StopOrder> _stops = new(
        "Stop",
        (key, orders, cancellationToken) => grains.Refer<INodeGrain>(key).Stop(orders, cancellationToken),
        time,
        logger,
        lifetime.ApplicationStopping);

    /// <summary>A job has become RUNNABLE.</summary>
    public void Enqueue(string queueKey, QueueEntry job) => _enqueued.Post(queueKey, job);

    /// <summary>A job is not RUNNABLE any more.</summary>
    public void Remove(string queueKey, QueueEntry job) => _removed.Post(queueKey, job);

    /// <summary>Capacity may have come free.</summary>
    public void Wake(string queueKey) => _woken.Post(queueKey, true);

    /// <summary>An attempt is to be stopped.</summary>
    public void Stop(string nodeId, StopOrder order) => _stops.Post(nodeId, order);
}
