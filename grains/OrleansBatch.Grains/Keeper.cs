using Microsoft.Extensions.Logging;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.GrainInterfaces.Nodes;
using OrleansBatch.GrainInterfaces.Webhooks;
using OrleansBatch.Grains.Stores;

namespace OrleansBatch.Grains;

/// <summary>Makes sure that whatever has unfinished work has a live grain, and that what was left undone is done.</summary>
/// <remarks>Nothing keeps a list of things to do: what is owed follows from the rows, and is always found by index.</remarks>
public sealed partial class Keeper(
    IJobStore store, IHostStore hosts, IWebhookStore webhooks, IGrainFactory grains, TimeProvider time, ILogger<Keeper> logger)
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    /// <summary>Looks at once, and then each minute, until stopped.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            do
            {
                await LookAsync(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The program ends.
        }
    }

    /// <summary>Looks once.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var receivers = await webhooks.ListAsync(cancellationToken);
            var work = await store.ReadUnfinishedWorkAsync(cancellationToken);
            var environments = work.Environments.Union(await hosts.ReadEnvironmentsAsync(cancellationToken));
            await Task.WhenAll(
            [
                .. work.Nodes.Select(node => grains.Refer<INodeGrain>(node).Settle(cancellationToken)),
                .. environments.Select(environment => grains.Refer<IComputeEnvironmentGrain>(environment.Key).Settle(cancellationToken)),
                .. work.Dependents.Select(job => grains.Refer<IJobGrain>(job).LookAtDependencies(cancellationToken)),
                .. work.FullArrays.Select(array => grains.Refer<IJobGrain>(array).LookAtChildren(cancellationToken)),
                .. work.Queues.Select(queue => grains.Refer<IJobQueueGrain>(queue.Key).Settle(cancellationToken)),
                .. receivers.Select(webhook => grains.Refer<IWebhookGrain>(webhook.Key).Wake(cancellationToken)),
            ]);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The next look sees the same rows again.
            LogLookFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The keeper could not look at everything; it looks again in a minute")]
    private partial void LogLookFailed(Exception exception);
}
