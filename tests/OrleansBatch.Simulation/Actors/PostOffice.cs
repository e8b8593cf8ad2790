using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Simulation.Actors;

/// <summary>As the silo's post: collected by receiver while one batch is under way, repeated until answered.</summary>
internal sealed class PostOffice
{
    private readonly Box<QueueEntry> _enqueued;
    private readonly Box<QueueEntry> _removed;
    private readonly Box<bool> _woken;
    private readonly Box<StopOrder> _stops;
    private readonly Box<AttemptReport> _losses;
    private readonly Box<bool> _dependents;
    private readonly Box<bool> _parents;

    public PostOffice(Silo silo)
    {
        _enqueued = new(silo, (queue, jobs) => silo.QueueAsync(queue, actor => actor.Enqueue(jobs)));
        _removed = new(silo, (queue, jobs) => silo.QueueAsync(queue, actor => actor.Remove(jobs)));
        _woken = new(silo, (queue, _) => silo.QueueAsync(queue, actor => actor.WakeAsync()));
        _stops = new(silo, (node, orders) => silo.NodeAsync(node, actor => actor.StopAsync(orders)));
        _losses = new(silo, (node, reports) => silo.NodeAsync(node, actor => actor.ReportAllAsync(reports)), isRepeated: silo.Bug != PlantedBug.LossToldOnce);
        _dependents = new(silo, (job, _) => silo.JobAsync(job, actor => actor.LookAtDependenciesAsync()));
        _parents = new(silo, (job, _) => silo.JobAsync(job, actor => actor.LookAtChildrenAsync()));
    }

    public void Enqueue(string queue, QueueEntry job) => _enqueued.Post(queue, job);

    public void Remove(string queue, QueueEntry job) => _removed.Post(queue, job);

    public void Wake(string queue) => _woken.Post(queue, true);

    public void Report(string nodeId, AttemptReport report) => _losses.Post(nodeId, report);

    public void LookAtDependencies(string jobId) => _dependents.Post(jobId, true);

    public void LookAtChildren(string jobId) => _parents.Post(jobId, true);

    public void Stop(string nodeId, StopOrder order) => _stops.Post(nodeId, order);

    private sealed class Box<T>(Silo silo, Func<string, ImmutableArray<T>, Task> send, bool isRepeated = true)
    {
        private static readonly TimeSpan Delay = TimeSpan.FromSeconds(1);
        private readonly Dictionary<string, List<T>> _items = new(StringComparer.Ordinal);

        public void Post(string key, T item)
        {
            if (_items.TryGetValue(key, out var items))
            {
                items.Add(item);
                return;
            }

            _items.Add(key, [item]);
            silo.Begin(() => SendAllAsync(key));
        }

        private async Task SendAllAsync(string key)
        {
            while (_items[key].Count > 0)
            {
                var isDoubled = await silo.Wait(Occasion.Post);
                ImmutableArray<T> batch = [.. _items[key]];
                _items[key].Clear();
                await DeliverAsync(key, batch);
                if (isDoubled)
                {
                    await DeliverAsync(key, batch);
                }
            }

            _items.Remove(key);
        }

        private async Task DeliverAsync(string key, ImmutableArray<T> batch)
        {
            while (true)
            {
                try
                {
                    await send(key, batch);
                    return;
                }
                catch (Exception exception) when (Trouble.Is(exception))
                {
                    if (!isRepeated)
                    {
                        return;
                    }

                    await silo.Wait(Delay);
                }
            }
        }
    }
}
