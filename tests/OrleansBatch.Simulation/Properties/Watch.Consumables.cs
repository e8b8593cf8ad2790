using OrleansBatch.Model.Jobs;
using OrleansBatch.Simulation.Machines;

namespace OrleansBatch.Simulation.Properties;

/// <summary>What is in use of consumable resources, by the rows of the jobs and by the processes: the counters and claims must say the same.</summary>
internal sealed partial class Watch
{
    /// <summary>After each commit: a counter is within its limits, is what the jobs' rows say, and each attempt that is under way has claimed what it needs.</summary>
    private void CheckConsumables()
    {
        var rows = world.Store.Consumables;
        var needing = Needing().ToList();
        foreach (var key in Consumables.All)
        {
            var (taken, total) = (rows.Taken(key), Consumables.Total(world.Setup, key));
            if (taken < 0 || taken > total)
            {
                Violate(Property.ConsumablesHold, $"{taken} of {total} {key}s are taken");
            }

            var (used, held) = (0L, 0L);
            foreach (var (job, index) in needing)
            {
                var need = Consumables.Of(job.Spec.ConsumableResources, key);
                var isHeld = job.State.Placement is not null;
                used += UsedBy(job, key, need);
                held += isHeld ? need : 0;
                if (rows.Claimed(job.Child?.ParentId ?? job.JobId, index, key) is var claimed && claimed != (isHeld ? need : 0))
                {
                    Violate(Property.ConsumablesAreExact, $"{job.JobId} is {job.State.Status}, needs {need} {key}s and has claimed {claimed}");
                }
            }

            if (taken != used || rows.Claimed(key) != held)
            {
                Violate(Property.ConsumablesAreExact, $"{taken} {key}s are taken and {rows.Claimed(key)} claimed; by the jobs {used} and {held}");
            }
        }
    }

    /// <summary>At rest no attempt is under way.</summary>
    private void CheckNothingIsHeld()
    {
        if (world.Store.Consumables.Taken(Consumables.Token) != 0 || world.Store.Consumables.Claimants > 0)
        {
            Violate(Property.ConsumablesComeBack, $"{world.Store.Consumables.Taken(Consumables.Token)} tokens are taken, {world.Store.Consumables.Claimants} jobs have claims");
        }
    }

    /// <summary>A process is up, and holds what its job needs, whatever any row says.</summary>
    private void CheckProcess(Attempt attempt, JobRecord job)
    {
        if (attempt.Key.Fence > job.State.Fence)
        {
            Violate(Property.StoredBeforeItStarts, $"attempt {attempt.Key} runs, and its job knows of {job.State.Fence}");
        }

        if (Consumables.Of(job.Spec.ConsumableResources, Consumables.Token) == 0)
        {
            return;
        }

        var held = world.Machines
            .SelectMany(machine => machine.Processes)
            .Sum(process => Consumables.Of(world.Store.Read(process.Key.JobId)!.Spec.ConsumableResources, Consumables.Token));
        if (held > world.Setup.Tokens)
        {
            Violate(Property.ConsumablesHold, $"processes hold {held} of {world.Setup.Tokens} tokens");
        }
    }

    /// <summary>What a resource has left, by the jobs' rows.</summary>
    private long Left(string key) =>
        Consumables.Total(world.Setup, key) - Needing().Sum(leaf => UsedBy(leaf.Job, key, Consumables.Of(leaf.Job.Spec.ConsumableResources, key)));

    /// <summary>Each attempt has used up credits, and holds tokens while it is under way.</summary>
    private static long UsedBy(JobRecord job, string key, long need) =>
        key == Consumables.Credit ? job.State.Fence * need : job.State.Placement is null ? 0 : need;

    private IEnumerable<(JobRecord Job, int Index)> Needing() => world.Store.Jobs
        .Where(job => job.Spec.ConsumableResources is { Count: > 0 })
        .SelectMany(world.Store.LeavesOf)
        .Select(leaf => (leaf, leaf.Child?.Index ?? -1));
}
