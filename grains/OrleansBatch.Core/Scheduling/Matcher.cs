using System.Collections.Immutable;

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
            var target = Place(job, usable, free);
            var expected = Expect(job, usable, free, coming);
            if (expected >= 0 && (target < 0 || expected < target))
            {
                return new(placements.DrainToImmutable(), new(job.JobId, UnplacedReason.NoFreeCapacity));
            }

            if (target < 0)
            {
                var isAsked = queue.AskedFor is { } asked ? asked == job.Gang : placements.Count == 0;
                return new(placements.DrainToImmutable(), WhyNot(job, queue.Environments, isAsked));
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
            _ = free[target].TryTake(job);
            placements.Add(new(job.JobId, usable[target].Name));
            if (placements.Count == queue.Limit)
            {
                break;
            }
        }

        return new(placements.DrainToImmutable(), Blocked: null);
    }

    private static int Place(WaitingJob job, EnvironmentSnapshot[] environments, FreeHosts[] free) => job.Gang is { } gang
        ? First(environments, index => environments[index].TakesGangs && free[index].Covers(gang))
        : Array.FindIndex(free, left => left.Covers(job.Needs));

    /// <summary>The hosts of a multi-node parallel job may be there in part already.</summary>
    private static int Expect(WaitingJob job, EnvironmentSnapshot[] environments, FreeHosts[] free, FreeHosts[] coming) => job.Gang is { } gang
        ? First(environments, index => environments[index].TakesGangs && free[index].CoversWith(coming[index], gang))
        : Array.FindIndex(coming, left => left.Covers(job.Needs));

    private static int First(EnvironmentSnapshot[] environments, Predicate<int> takes)
    {
        for (var index = 0; index < environments.Length; index++)
        {
            if (takes(index))
            {
                return index;
            }
        }

        return -1;
    }

    private static BlockedJob WhyNot(WaitingJob job, ImmutableArray<EnvironmentSnapshot> environments, bool isAsked)
    {
        var possible = environments.Where(environment => environment.IsUsable && environment.IsPossible(job, isAsked)).ToArray();
        if (possible.Length == 0)
        {
            return new(job.JobId, WhyNever(job, environments, isAsked));
        }

        return possible.All(environment => TypeMissing(environment) is not null)
            ? new(job.JobId, UnplacedReason.HostsNotToBeHad, TypeMissing(possible[0]))
            : new(job.JobId, UnplacedReason.NoFreeCapacity);

        string? TypeMissing(EnvironmentSnapshot environment) =>
            environment.Shortages.Where(shortage => shortage.Needs == (job.Gang is { } gang ? gang.PerNode : job.Needs)).Select(shortage => shortage.InstanceType).FirstOrDefault();
    }

    /// <summary>Clients kill a job that is called misconfigured: that is said only when no environment could ever take it.</summary>
    private static UnplacedReason WhyNever(WaitingJob job, ImmutableArray<EnvironmentSnapshot> environments, bool isAsked)
    {
        if (environments.IsEmpty)
        {
            return UnplacedReason.NoUsableEnvironment;
        }

        if (environments.All(environment => !environment.IsValid))
        {
            return UnplacedReason.EnvironmentsInvalid;
        }

        if (environments.All(environment => environment.IsMaximumTooLow(job, isAsked)))
        {
            return UnplacedReason.ExceedsMaximumVcpus;
        }

        if (environments.All(environment => !environment.IsPossible(job, isAsked)))
        {
            return UnplacedReason.ExceedsResources;
        }

        return environments.All(environment => !environment.IsEnabled)
            ? UnplacedReason.EnvironmentsDisabled
            : UnplacedReason.NoUsableEnvironment;
    }
}
