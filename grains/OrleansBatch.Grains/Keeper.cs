using Microsoft.Extensions.Logging;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Grains.Logs;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Grains;

/// <summary>Makes sure that whatever has unfinished work has a live grain, and that what was left undone is done.</summary>
/// <remarks>Nothing keeps a list of things to do: what is owed follows from the rows, and is always found by index.</remarks>
public sealed partial class Keeper(
    IJobStore store,
    IHostStore hosts,
    INodeStore nodes,
    IWebhookStore webhooks,
    IShippedLogStore logs,
    ShippedLogOptions shipping,
    IGrainFactory grains,
    ISiloStatusOracle silos,
    TimeProvider time,
    ILogger<Keeper> logger) : ISiloStatusListener
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Logs that are removed in one transaction.</summary>
    private const int LogsAtOnce = 500;

    /// <summary>How soon it looks again when it could not look at everything, as while the others agree that a silo has left.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Looks at once, whenever a silo has left, and each minute, until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _ = silos.SubscribeToSiloStatusEvents(this);
        try
        {
            while (true)
            {
                var isComplete = await LookAsync(stopping);
                await RemoveLogsAsync(stopping);
                await WaitAsync(isComplete ? Period : AfterFailure, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The program ends.
        }
        finally
        {
            _ = silos.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    /// <inheritdoc/>
    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead && !updatedSilo.Equals(silos.SiloAddress))
        {
            // What its grains had in hand is found now, not in a minute.
            _ = Volatile.Read(ref _left).TrySetResult();
        }
    }

    /// <summary>Looks once.</summary>
    /// <returns>Whether it could look at everything.</returns>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var receivers = await webhooks.ListAsync(cancellationToken);
            var work = await store.ReadUnfinishedWorkAsync(cancellationToken);
            var environments = work.Environments.Union(await hosts.ReadEnvironmentsAsync(cancellationToken));
            var live = await nodes.ListLiveAsync(cancellationToken);
            await Task.WhenAll(
            [
                .. work.Nodes.Union(live.Select(node => node.NodeId)).Select(node => grains.Refer<INodeGrain>(node).Settle(cancellationToken)),
                .. environments.Select(environment => grains.Refer<IComputeEnvironmentGrain>(environment.Key).Settle(cancellationToken)),
                .. work.Dependents.Select(job => grains.Refer<IJobGrain>(job).LookAtDependencies(cancellationToken)),
                .. work.FullArrays.Select(array => grains.Refer<IJobGrain>(array).LookAtChildren(cancellationToken)),
                .. work.Queues.Select(queue => grains.Refer<IJobQueueGrain>(queue.Key).Settle(cancellationToken)),
                .. receivers.Select(webhook => grains.Refer<IWebhookGrain>(webhook.Key).Wake(cancellationToken)),
            ]);
            return true;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The next look sees the same rows again.
            LogLookFailed(exception);
            return false;
        }
    }

    /// <summary>Removes what was shipped of logs so long ago that it is kept no more.</summary>
    public async Task RemoveLogsAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await logs.RemoveAsync(time.GetUtcNow() - shipping.Keep, LogsAtOnce, cancellationToken) == LogsAtOnce)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogLogsNotRemoved(exception);
        }
    }

    private async Task WaitAsync(TimeSpan period, CancellationToken stopping)
    {
        try
        {
            await _left.Task.WaitAsync(period, time, stopping);
            Volatile.Write(ref _left, new(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        catch (TimeoutException)
        {
            // It is time.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keeper could not look at everything; it looks again soon")]
    private partial void LogLookFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old logs could not be removed; that is tried again soon")]
    private partial void LogLogsNotRemoved(Exception exception);
}
