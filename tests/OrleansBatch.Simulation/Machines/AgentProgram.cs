using System.Collections.Immutable;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Simulation.Actors;

namespace OrleansBatch.Simulation.Machines;

/// <summary>One life of an agent: takes orders, and repeats its reports until they are settled. It lives in the scheduler's program.</summary>
internal sealed class AgentProgram(World world, Machine machine)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private OrderedDictionary<AttemptId, AttemptReport> _reports = [];
    private AgentHello? _hello;
    private bool _isAwake;

    public string NodeId => machine.NodeId;

    public string Incarnation { get; } = machine.Incarnation;

    public bool IsConnected { get; private set; }

    public bool IsGone { get; set; }

    public void Start()
    {
        _hello = machine.Hello();
        Hear(machine.Facts());
        WakeUp();
    }

    public async Task LaunchAsync(ImmutableArray<LaunchOrder> orders)
    {
        await AsOrderAsync(() =>
        {
            foreach (var order in orders)
            {
                if (order.Incarnation != Incarnation && world.Bug != PlantedBug.IncarnationNotChecked)
                {
                    Hear([new()
                    {
                        Attempt = order.Attempt,
                        ReservationId = order.ReservationId,
                        EnvironmentKey = order.EnvironmentKey,
                        Outcome = AttemptOutcome.Lost,
                        StoppedAt = world.Turns.Now,
                    }]);
                }
                else
                {
                    machine.Launch(order);
                }
            }
        });
    }

    public Task StopAsync(ImmutableArray<StopOrder> orders) => AsOrderAsync(() =>
    {
        foreach (var order in orders)
        {
            machine.Stop(order);
        }
    });

    /// <summary>A start and an end of one attempt become one report.</summary>
    public void Hear(IEnumerable<AttemptReport> reports)
    {
        foreach (var report in reports)
        {
            if (report.Outcome != AttemptOutcome.Started || !_reports.ContainsKey(report.Attempt))
            {
                _reports[report.Attempt] = report;
            }
        }

        WakeUp();
    }

    private async Task AsOrderAsync(Action order)
    {
        var silo = world.Silo!;
        await silo.Wait(Occasion.Request);
        if (IsGone)
        {
            throw new AgentAwayException(NodeId);
        }

        order();
        await silo.Wait(Occasion.Reply);
    }

    private void WakeUp()
    {
        if (!_isAwake && !IsGone && (_hello is not null || _reports.Count > 0))
        {
            _isAwake = true;
            world.Begin(RunAsync);
        }
    }

    private async Task RunAsync()
    {
        while (!IsGone && (_hello is not null || _reports.Count > 0))
        {
            await world.Turns.Wait(this, Occasion.Begin);
            (var hello, _hello) = (_hello, null);
            (var batch, _reports) = (_reports, []);
            try
            {
                if (hello is not null)
                {
                    IsConnected = true;
                    await world.Silo!.NodeAsync(NodeId, node => node.ConnectAsync(hello, () => !IsGone));
                    hello = null;
                }

                if (batch.Count > 0)
                {
                    Settle(batch, await world.Silo!.NodeAsync(NodeId, node => node.ReportAsync([.. batch.Values])));
                }
            }
            catch (Exception exception) when (Trouble.Is(exception))
            {
                // Unsure means again.
            }

            _hello ??= hello;
            if (IsGone)
            {
                return;
            }

            if (world.Bug != PlantedBug.EndToldOnce)
            {
                PutBack(batch);
            }

            if (hello is not null || batch.Count > 0)
            {
                await world.Turns.Wait(this, Retry);
            }
        }

        _isAwake = false;
    }

    private void Settle(OrderedDictionary<AttemptId, AttemptReport> batch, ImmutableArray<AttemptId> settled)
    {
        if (IsGone)
        {
            return;
        }

        foreach (var attempt in settled)
        {
            if (batch[attempt].Outcome != AttemptOutcome.Started)
            {
                machine.Settle(attempt);
            }

            batch.Remove(attempt);
        }
    }

    /// <summary>What was not settled goes again, but not over what is newer.</summary>
    private void PutBack(OrderedDictionary<AttemptId, AttemptReport> batch)
    {
        foreach (var (attempt, report) in batch)
        {
            _reports.TryAdd(attempt, report);
        }
    }
}
