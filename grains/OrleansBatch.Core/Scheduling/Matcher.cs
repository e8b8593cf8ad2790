using System.Collections.Immutable;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Scheduling;

/// <summary>Decides which jobs start now, and where. A head that fits nowhere blocks the rest.</summary>
/// <remarks>Source: AWS Batch user guide, "Job scheduling" and "Jobs stuck in RUNNABLE".</remarks>
public static class Matcher
{
    /// <summary>Matches the queue's jobs in order to its environments in order.</summary>
    public static SchedulingPlan Match(QueueSnapshot queue)
    {
        var usable = queue.Environments.Where(environment => environment.IsUsable).ToArray();
        var free = Array.ConvertAll(usable, environment => new FreeHosts(environment.Hosts));
        var coming = Array.ConvertAll(usable, environment => new FreeHosts(environment.Coming));
        // Without a reservation the environments alone decide.
        var spare = queue.ReservedVcpuMillis == 0 ? long.MaxValue : free.Sum(left => left.VcpuMillis) - queue.ReservedVcpuMillis;
        var consumables = new ConsumableBudget(queue.Consumables);
        var placements = ImmutableArray.CreateBuilder<PlannedPlacement>();
        if (queue.Limit <= 0)
        {
            return new([], Blocked: null);
        }

        // In order already, and read only as far as jobs fit.
        foreach (var job in queue.Runnable)
        {
            // The first that has room now, unless one before it has a host on the way.
            var target = Array.FindIndex(free, left => left.Covers(job.Needs));
            var expected = Array.FindIndex(coming, left => left.Covers(job.Needs));
            if (expected >= 0 && (target < 0 || expected < target))
            {
                return new(placements.DrainToImmutable(), new(job.JobId, UnplacedReason.NoFreeCapacity));
            }

            if (target < 0)
            {
                return new(placements.DrainToImmutable(), WhyNot(job, queue.Environments));
            }

            if (job.Needs.VcpuMillis > spare)
            {
                return new(placements.DrainToImmutable(), new(job.JobId, UnplacedReason.KeptForOtherShares));
            }

            if (!consumables.TryTake(job.Consumables))
            {
                return new(placements.DrainToImmutable(), new(job.JobId, UnplacedReason.ConsumablesInUse));
            }

            spare -= job.Needs.VcpuMillis;
            _ = free[target].TryTake(job.Needs);
            placements.Add(new(job.JobId, usable[target].Name));
            if (placements.Count == queue.Limit)
            {
                break;
            }
        }

        return new(placements.DrainToImmutable(), Blocked: null);
    }

    private static BlockedJob WhyNot(WaitingJob job, ImmutableArray<EnvironmentSnapshot> environments)
    {
        var possible = environments.Where(environment => environment.IsUsable && environment.IsPossible(job.Needs)).ToArray();
        if (possible.Length == 0)
        {
            return new(job.JobId, WhyNever(job.Needs, environments));
        }

        return possible.All(environment => TypeMissing(environment) is not null)
            ? new(job.JobId, UnplacedReason.HostsNotToBeHad, TypeMissing(possible[0]))
            : new(job.JobId, UnplacedReason.NoFreeCapacity);

        string? TypeMissing(EnvironmentSnapshot environment) =>
            environment.Shortages.Where(shortage => shortage.Needs == job.Needs).Select(shortage => shortage.InstanceType).FirstOrDefault();
    }

    /// <summary>Clients kill a job that is called misconfigured: that is said only when no environment could ever take it.</summary>
    private static UnplacedReason WhyNever(ResourceNeeds needs, ImmutableArray<EnvironmentSnapshot> environments)
    {
        if (environments.IsEmpty)
        {
            return UnplacedReason.NoUsableEnvironment;
        }

        if (environments.All(environment => !environment.IsValid))
        {
            return UnplacedReason.EnvironmentsInvalid;
        }

        if (environments.All(environment => environment.IsMaximumTooLow(needs)))
        {
            return UnplacedReason.ExceedsMaximumVcpus;
        }

        if (environments.All(environment => !environment.IsPossible(needs)))
        {
            return UnplacedReason.ExceedsResources;
        }

        return environments.All(environment => !environment.IsEnabled)
            ? UnplacedReason.EnvironmentsDisabled
            : UnplacedReason.NoUsableEnvironment;
    }
}
