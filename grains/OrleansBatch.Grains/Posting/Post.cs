using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Grains.Posting;

/// <summary>The silo's outgoing post: messages that nobody waits for, batched by receiver and repeated until answered.</summary>
internal sealed class Post
{
    private readonly Mailbox<QueueEntry> _enqueued;
    private readonly Mailbox<QueueEntry> _removed;
    private readonly Mailbox<QueueEntry> _pending;
    private readonly Mailbox<bool> _woken;
    private readonly Mailbox<LaunchOrder> _launches;
    private readonly Mailbox<StopOrder> _stops;
    private readonly Mailbox<AttemptReport> _losses;
    private readonly Mailbox<NodeReading> _announced;
    private readonly Mailbox<NodeReading> _known;
    private readonly Mailbox<bool> _dependents;
    private readonly Mailbox<bool> _parents;

    public Post(IGrainFactory grains, TimeProvider time, ILogger<Post> logger, IHostApplicationLifetime lifetime)
    {
        _enqueued = Box<QueueEntry>("Enqueue", (key, jobs, cancellation) => grains.Refer<IJobQueueGrain>(key).Enqueue(jobs, cancellation));
        _removed = Box<QueueEntry>("Remove", (key, jobs, cancellation) => grains.Refer<IJobQueueGrain>(key).Remove(jobs, cancellation));
        _pending = Box<QueueEntry>("Pending", (key, jobs, cancellation) => grains.Refer<IJobQueueGrain>(key).Pending(jobs, cancellation));
        _woken = Box<bool>("Wake", (key, _, cancellation) => grains.Refer<IJobQueueGrain>(key).Wake(cancellation));
        _launches = Box<LaunchOrder>("Launch", (key, orders, cancellation) => grains.Refer<INodeGrain>(key).Launch(orders, cancellation));
        _stops = Box<StopOrder>("Stop", (key, orders, cancellation) => grains.Refer<INodeGrain>(key).Stop(orders, cancellation));
        _losses = Box<AttemptReport>("Report", async (key, reports, cancellation) =>
        {
            var told = await grains.Refer<INodeGrain>(key).ReportLost(reports, cancellation);
            if (reports.Any(report => !told.Contains(report.Attempt)))
            {
                // No agent repeats these.
                throw new JobStoreException("Not every job could be told that its attempt is lost.");
            }
        });
        _announced = Box<NodeReading>("Announce", async (key, nodes, cancellation) =>
        {
            foreach (var node in nodes)
            {
                await grains.Refer<INodeRegistryGrain>(key).Announce(node, cancellation);
            }
        });
        _known = Box<NodeReading>("KnowNodes", (key, nodes, cancellation) => grains.Refer<IComputeEnvironmentGrain>(key).KnowNodes(nodes, cancellation));
        _dependents = Box<bool>("LookAtDependencies", (key, _, cancellation) => grains.Refer<IJobGrain>(key).LookAtDependencies(cancellation));
        _parents = Box<bool>("LookAtChildren", (key, _, cancellation) => grains.Refer<IJobGrain>(key).LookAtChildren(cancellation));

        Mailbox<T> Box<T>(string what, Func<string, ImmutableArray<T>, CancellationToken, Task> send) =>
            new(what, send, time, logger, lifetime.ApplicationStopping);
    }

    /// <summary>A job has become RUNNABLE.</summary>
    public void Enqueue(string queueKey, QueueEntry job) => _enqueued.Post(queueKey, job);

    /// <summary>A job is not RUNNABLE any more.</summary>
    public void Remove(string queueKey, QueueEntry job) => _removed.Post(queueKey, job);

    /// <summary>A job with a share waits for others.</summary>
    public void Pending(string queueKey, QueueEntry job) => _pending.Post(queueKey, job);

    /// <summary>Capacity may have come free.</summary>
    public void Wake(string queueKey) => _woken.Post(queueKey, true);

    /// <summary>A job that this one waits for has ended.</summary>
    public void LookAtDependencies(string jobId) => _dependents.Post(jobId, true);

    /// <summary>The last child of an array has ended.</summary>
    public void LookAtChildren(string jobId) => _parents.Post(jobId, true);

    /// <summary>An attempt was lost that its agent knows nothing of.</summary>
    public void ReportLost(string nodeId, AttemptReport report) => _losses.Post(nodeId, report);

    /// <summary>A node is as this says: those who place on it are told.</summary>
    public void Announce(NodeReading node) => _announced.Post(INodeRegistryGrain.Key, node);

    /// <summary>An environment is told of a node.</summary>
    public void KnowNode(string environmentKey, NodeReading node) => _known.Post(environmentKey, node);

    /// <summary>A node of a multi-node job is to be launched, now that its main node runs.</summary>
    public void Launch(string nodeId, LaunchOrder order) => _launches.Post(nodeId, order);

    /// <summary>An attempt is to be stopped.</summary>
    public void Stop(string nodeId, StopOrder order) => _stops.Post(nodeId, order);
}
