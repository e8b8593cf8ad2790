using System.Collections.Immutable;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Stores;

/// <summary>Where the store of the simulation refuses in the same order as the real one, and what it takes and gives back.</summary>
public sealed class SimulatedStoreTests
{
    private readonly SimulatedStore _store = new(new Turns(), PlantedBug.None, new([1], Seed: 1, Tokens: 2), _ => { });

    public SimulatedStoreTests()
    {
        foreach (var jobId in (string[])["a", "b"])
        {
            var result = _store.Commit(new() { Inserts = [new(jobId, World.Home, DateTimeOffset.UnixEpoch, Spec(jobId), new() { Status = JobStatus.Runnable })] });
            Assert.Equal(StepOutcome.Committed, result.Outcome);
        }
    }

    [Fact]
    public void The_claims_of_one_step_are_taken_together_or_not_at_all()
    {
        Assert.Equal(StepOutcome.Exhausted, _store.Commit(new() { Writes = [Start("a", 2), Start("b", 1)] }).Outcome);
        Assert.Equal(0, _store.Consumables.Taken(Consumables.Token));

        Assert.Equal(StepOutcome.Committed, _store.Commit(new() { Writes = [Start("a", 1), Start("b", 1)] }).Outcome);
        Assert.Equal(2, _store.Consumables.Taken(Consumables.Token));
    }

    [Fact]
    public void A_step_that_comes_too_late_is_no_sign_that_a_resource_is_exhausted()
    {
        Assert.Equal(StepOutcome.Committed, _store.Commit(new() { Writes = [Start("a", 2)] }).Outcome);

        Assert.Equal(StepOutcome.VersionConflict, _store.Commit(new() { Writes = [Start("a", 2)] }).Outcome);
        Assert.Equal(StepOutcome.Exhausted, _store.Commit(new() { Writes = [Start("b", 1)] }).Outcome);
    }

    [Fact]
    public void The_end_of_an_attempt_gives_back_what_was_claimed()
    {
        _ = _store.Commit(new() { Writes = [Start("a", 2)] });
        Assert.Equal(2, _store.Consumables.Claimed("a", -1, Consumables.Token));

        _ = _store.Commit(new() { Writes = [new("a", 2, new() { Status = JobStatus.Runnable, Fence = 1 })] });

        Assert.Equal((0, 0), (_store.Consumables.Taken(Consumables.Token), _store.Consumables.Claimants));
    }

    private static JobWrite Start(string jobId, long tokens) => new(jobId, 1, new() { Status = JobStatus.Starting, Fence = 1 })
    {
        Claims = [new ConsumableClaim(Consumables.Token, tokens, Limit: 2, IsReplenishable: true)],
    };

    private static JobSpec Spec(string jobId) => new()
    {
        JobName = jobId,
        JobQueue = "queue-0",
        DefinitionName = World.Definition.Name,
        DefinitionRevision = 1,
        Container = World.Definition.Container!,
        Needs = default,
        RetryStrategy = new() { Attempts = 1 },
        PlatformCapability = "EC2",
        ConsumableResources = [new ConsumableNeed { ResourceName = Consumables.Token, Quantity = 1 }],
    };
}
