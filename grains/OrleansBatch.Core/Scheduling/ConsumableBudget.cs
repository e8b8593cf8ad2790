using OrleansBatch.Model.ConsumableResources;

namespace OrleansBatch.Core.Scheduling;

/// <summary>What is left of consumable resources while a round gives them to jobs: all that a job needs, or nothing.</summary>
internal sealed class ConsumableBudget(IReadOnlyDictionary<string, long> available)
{
    private readonly Dictionary<string, long> _taken = new(StringComparer.Ordinal);

    public bool TryTake(IReadOnlyList<ConsumableNeed>? needs)
    {
        if (needs is null)
        {
            return true;
        }

        // A list names each resource once.
        if (needs.Any(need => need.Quantity > available.GetValueOrDefault(need.ResourceName) - _taken.GetValueOrDefault(need.ResourceName)))
        {
            return false;
        }

        foreach (var need in needs)
        {
            _taken[need.ResourceName] = _taken.GetValueOrDefault(need.ResourceName) + need.Quantity;
        }

        return true;
    }
}
