using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Simulation.Stores;

/// <summary>What attempts have taken of consumable resources: a counter for each resource, and each attempt's claims, as the real store keeps them.</summary>
internal sealed class ConsumableRows(Setup setup, PlantedBug bug)
{
    /// <summary>Stands for a single job where a child's index would be.</summary>
    private const int Whole = -1;

    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal) { [Consumables.Token] = 0, [Consumables.Credit] = 0 };
    private readonly Dictionary<(string Job, int Child), IReadOnlyList<ConsumableClaim>> _claims = [];

    /// <summary>How much of a resource is gone.</summary>
    public long Taken(string resource) => _taken[resource];

    /// <summary>What is left of each resource.</summary>
    public IReadOnlyDictionary<string, long> Left => _taken.ToDictionary(taken => taken.Key, taken => LimitOf(taken.Key) - taken.Value);

    /// <summary>What an attempt holds; 0 when it holds nothing.</summary>
    public long Claimed(JobRecord job, string resource) =>
        _claims.GetValueOrDefault(KeyOf(job), []).Where(claim => claim.Key == resource).Sum(claim => claim.Quantity);

    /// <summary>What all attempts hold.</summary>
    public long Claimed(string resource) => _claims.Values.SelectMany(claims => claims).Where(claim => claim.Key == resource).Sum(claim => claim.Quantity);

    /// <summary>Whether there is enough for all of the claims together.</summary>
    public bool CanTake(IEnumerable<ConsumableClaim> claims) =>
        bug == PlantedBug.ClaimsNotChecked || claims.GroupBy(claim => claim.Key).All(group => group.Sum(claim => claim.Quantity) <= LimitOf(group.Key) - _taken[group.Key]);

    /// <summary>A job has moved: what starts takes, what is over gives back.</summary>
    public void Moved(JobRecord job, JobState before, IEnumerable<ConsumableClaim> claims)
    {
        if (job.Spec.ConsumableResources is null)
        {
            return;
        }

        if (job.State.Status.IsPlaced() && !before.Status.IsPlaced())
        {
            var taken = claims.ToList();
            taken.ForEach(claim => _taken[claim.Key] += claim.Quantity);
            _claims[KeyOf(job)] = taken;
        }
        else if (before.Status.IsPlaced() && !job.State.Status.IsPlaced() && bug != PlantedBug.TokensNeverGivenBack)
        {
            GiveBack(job);
        }
        else if (bug == PlantedBug.TokensGivenBackTwice && !job.State.Status.IsPlaced())
        {
            // The claims are still there.
            GiveBack(job);
        }
    }

    private void GiveBack(JobRecord job)
    {
        foreach (var claim in _claims.GetValueOrDefault(KeyOf(job), []).Where(claim => claim.IsReplenishable || bug == PlantedBug.CreditsComeBack))
        {
            _taken[claim.Key] -= claim.Quantity;
        }

        _ = bug == PlantedBug.TokensGivenBackTwice && job.State.Status == JobStatus.Runnable || _claims.Remove(KeyOf(job));
    }

    private long LimitOf(string resource) => resource == Consumables.Token ? setup.Tokens : setup.Credits;

    private static (string Job, int Child) KeyOf(JobRecord job) => job.Child is { } child ? (child.ParentId, child.Index) : (job.JobId, Whole);
}
