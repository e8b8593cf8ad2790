using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Simulation.Actors;
using OrleansBatch.Simulation.Machines;
using OrleansBatch.Simulation.Properties;
using OrleansBatch.Simulation.Stores;

namespace OrleansBatch.Simulation;

/// <summary>The whole scheduler with its clients, its store and its machines, in one thread and without a clock.</summary>
internal sealed partial class World
{
    public static readonly Scope Home = new("123456789012", "eu-central-1");

    public static readonly JobDefinition Definition = new()
    {
        Name = "work",
        Revision = 1,
        IsActive = true,
        Type = "container",
        Container = new() { Image = "busybox", Command = ["work"], ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "4" }] },
    };

    private readonly Setup _setup;
    private readonly Machine[] _machines;
    private uint _random;
    private int _ids;

    public World(Setup setup, PlantedBug bug)
    {
        (_setup, Bug, _random) = (setup, bug, setup.Seed | 1);
        Watch = new(this);
        Store = new(Turns, bug, setup, Watch.Committed);
        _machines = [.. setup.Vcpus.Select((_, index) => new Machine(this, $"i-{index:x17}"))];
        Client = new(this);
        string[] environments = [.. setup.Vcpus.Select((_, index) => $"environment-{index}")];
        Queues = new()
        {
            ["queue-0"] = Queue("queue-0", 10, environments),
            ["queue-1"] = Queue("queue-1", 1, [.. environments.Reverse()]),
        };
    }

    public Setup Setup => _setup;

    public PlantedBug Bug { get; }

    public Turns Turns { get; } = new();

    public SimulatedStore Store { get; }

    public Watch Watch { get; }

    public Client Client { get; }

    /// <summary>The scheduler's program; null while it is down.</summary>
    public Silo? Silo { get; private set; }

    /// <summary>What queues keep in their own state.</summary>
    public Dictionary<string, JobQueueConfiguration?> Queues { get; }

    public IReadOnlyList<Machine> Machines => _machines;

    /// <summary>A mistake that is no property's: of the simulation, or an exception that nobody expects.</summary>
    public Exception? Fault { get; private set; }

    public Machine Machine(string nodeId) => _machines.First(machine => machine.NodeId == nodeId);

    public Machine MachineOf(string environment) => _machines[IndexOf(environment)];

    public ResourceNeeds CapacityOf(string environment) => new() { VcpuMillis = 1000L * _setup.Vcpus[IndexOf(environment)], MemoryMiB = 1 << 20 };

    /// <summary>A choice that no command makes.</summary>
    public int Choose(int count)
    {
        if (count == 1)
        {
            return 0;
        }

        _random ^= _random << 13;
        _random ^= _random >> 17;
        _random ^= _random << 5;
        return (int)(_random % (uint)count);
    }

    public Guid NewId() => new(++_ids, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0);

    public void Begin(Func<Task> work) => _ = BeginAsync(work);

    public void Matched(IReadOnlyList<QueueEntry> taken, IEnumerable<QueueEntry> left) => Watch.Matched(taken, left);

    private async Task BeginAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (IllegalTransitionException exception)
        {
            Watch.Violate(Property.OnlyLegalMoves, exception.Message);
        }
        catch (Exception exception) when (Trouble.Is(exception))
        {
            // Whoever began it does not wait for it.
        }
        catch (Exception exception)
        {
            Fault ??= exception;
        }
    }

    private static int IndexOf(string environment) => environment[^1] - '0';

    private static JobQueueConfiguration Queue(string name, int priority, string[] environments) => new()
    {
        Name = new(Home, name),
        State = "ENABLED",
        Status = "VALID",
        Priority = priority,
        Environments = environments,
        Orders = [.. environments.Select((_, index) => index)],
        JobQueueType = "ECS",
        Tags = ImmutableDictionary<string, string>.Empty,
    };
}
