using Microsoft.Extensions.Options;
using OrleansBatch.Grains;
using OrleansBatch.Silo.Agents;
using OrleansBatch.Silo.FirstStart;
using OrleansBatch.Silo.Options;

namespace OrleansBatch.Silo;

/// <summary>Brings the scheduler up in order: the agent of this machine adopts what runs, the keeper sees to what is unfinished, then the door opens.</summary>
/// <remarks>Runs after the silo and before the web server: hosted services start in the order of their registration.</remarks>
internal sealed class Starter(
    Keeper keeper,
    DefaultResources defaults,
    Sample sample,
    Readiness readiness,
    IOptions<BatchOptions> options,
    IHostApplicationLifetime lifetime,
    LocalAgent? agent = null) : IHostedService
{
    private bool _isFirstStart;
    private Task _keeping = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (agent is not null)
        {
            await agent.StartAsync(cancellationToken);
        }

        _keeping = keeper.RunAsync(lifetime.ApplicationStopping);
        if (!options.Value.Bare && agent is not null)
        {
            _isFirstStart = await defaults.CreateOnceAsync(cancellationToken);
        }

        readiness.IsReady = true;
    }

    /// <summary>Says where the endpoint is and what to try; at the first start shows the sample at work.</summary>
    public async Task WelcomeAsync(Uri endpoint, CancellationToken cancellationToken)
    {
        if (agent is null)
        {
            Welcome.SayWhereOfCluster(endpoint, options.Value);
            return;
        }

        Welcome.SayWhere(endpoint, options.Value, agent.NodeId);
        if (_isFirstStart)
        {
            await sample.RunAsync(cancellationToken);
        }

        Welcome.SayWhatToTry(endpoint, options.Value);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        readiness.IsReady = false;
        if (agent is not null)
        {
            if (options.Value.StopJobs)
            {
                await agent.StopAllAsync(cancellationToken);
            }

            await agent.DisposeAsync();
        }

        await _keeping;
    }
}
