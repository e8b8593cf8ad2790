using OrleansBatch.Model;

namespace OrleansBatch.Core.Capacity;

/// <summary>Who holds how much of an environment. Hands out no more than there is.</summary>
/// <remarks>A ledger belongs to one owner: it is not safe for several threads.</remarks>
public sealed class ReservationLedger
{
    private readonly Dictionary<string, Reservation> _reservations = new(StringComparer.Ordinal);

    /// <summary>What all reservations hold.</summary>
    public ResourceNeeds InUse { get; private set; }

    /// <summary>How many there are.</summary>
    public int Count => _reservations.Count;

    /// <summary>Whether any was never launched.</summary>
    public bool HasUnlaunched => _reservations.Values.Any(reservation => !reservation.IsLaunched);

    /// <summary>What is left of a capacity; below zero when it was lowered under what is in use.</summary>
    public ResourceNeeds FreeOf(ResourceNeeds capacity) => capacity - InUse;

    /// <summary>Reserves if it fits.</summary>
    public bool TryReserve(Reservation reservation, ResourceNeeds capacity)
    {
        if (!FreeOf(capacity).Covers(reservation.Needs))
        {
            return false;
        }

        Hold(reservation);
        return true;
    }

    /// <summary>Takes in a reservation that a job's row already holds, whether it fits or not.</summary>
    public void Hold(Reservation reservation)
    {
        if (_reservations.TryAdd(reservation.Id, reservation))
        {
            InUse += reservation.Needs;
        }
    }

    /// <summary>Notes that it was launched. False when there is no such reservation.</summary>
    public bool MarkLaunched(string id)
    {
        if (!_reservations.TryGetValue(id, out var reservation))
        {
            return false;
        }

        _reservations[id] = reservation with { IsLaunched = true };
        return true;
    }

    /// <summary>Frees it. False when there is no such reservation: it was freed before.</summary>
    public bool Release(string id)
    {
        if (!_reservations.Remove(id, out var reservation))
        {
            return false;
        }

        InUse -= reservation.Needs;
        return true;
    }

    /// <summary>Those made before this time that were launched.</summary>
    public IReadOnlyList<Reservation> LaunchedBefore(DateTimeOffset time) =>
        [.. _reservations.Values.Where(reservation => reservation.IsLaunched && reservation.At < time)];

    /// <summary>Those made before this time that were never launched.</summary>
    public IReadOnlyList<Reservation> UnlaunchedBefore(DateTimeOffset time) =>
        [.. _reservations.Values.Where(reservation => !reservation.IsLaunched && reservation.At < time)];
}

/// <summary>Capacity held for one attempt.</summary>
/// <param name="Id">Unique within its environment, over all activations.</param>
/// <param name="JobId">Whose it is.</param>
/// <param name="Needs">How much.</param>
/// <param name="At">When it was made.</param>
/// <param name="IsLaunched">Whether its attempt was launched.</param>
public sealed record Reservation(string Id, string JobId, ResourceNeeds Needs, DateTimeOffset At, bool IsLaunched);
