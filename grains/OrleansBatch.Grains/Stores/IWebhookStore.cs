using OrleansBatch.Core.Events;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Stores;

/// <summary>Which webhooks there are, how far each has come, and what it could not deliver.</summary>
public interface IWebhookStore
{
    /// <summary>Notes a name, before the webhook is stored: one without a webhook is a creation that did not happen. Safe to repeat.</summary>
    Task AddAsync(ScopedName webhook, CancellationToken cancellationToken);

    /// <summary>Forgets a name, and everything of the webhook with this id. Safe to repeat.</summary>
    Task RemoveAsync(ScopedName webhook, string? id, CancellationToken cancellationToken);

    /// <summary>All names, in the order of their keys.</summary>
    Task<IReadOnlyList<ScopedName>> ListAsync(CancellationToken cancellationToken);

    /// <summary>How far the webhook with this id has come; null: nothing was stored yet.</summary>
    Task<EventPosition?> ReadCursorAsync(string id, CancellationToken cancellationToken);

    /// <summary>Stores how far it has come, and what it has given up, in one step.</summary>
    /// <returns>False: somebody else has taken a newer epoch, and nothing was done.</returns>
    Task<bool> AdvanceAsync(string id, EpochGuard epoch, EventPosition cursor, IReadOnlyList<DeadLetterRow> letters, CancellationToken cancellationToken);

    /// <summary>Dead letters of the webhook behind a position, in the order of their events.</summary>
    Task<IReadOnlyList<DeadLetterRow>> ListDeadLettersAsync(string id, EventPosition after, int limit, CancellationToken cancellationToken);

    /// <summary>Takes a dead letter off. Safe to repeat.</summary>
    Task RemoveDeadLetterAsync(string id, EventPosition position, CancellationToken cancellationToken);
}

/// <summary>An event that was given up.</summary>
/// <param name="Position">Its position: of one webhook it is in the list once.</param>
/// <param name="At">When.</param>
/// <param name="Attempts">How often it was sent.</param>
/// <param name="Reason">Why the last request failed.</param>
public sealed record DeadLetterRow(EventPosition Position, DateTimeOffset At, int Attempts, string Reason);
