using OrleansBatch.Core.Events;
using OrleansBatch.Model;

namespace OrleansBatch.Grains.Stores;

/// <summary>The events that the writer of jobs records, in the order in which they were committed.</summary>
/// <remarks>They are kept as long as their job.</remarks>
public interface IEventStore
{
    /// <summary>A job's events in order, those of an array's child before it had a row among them; null when the scope has no such job.</summary>
    /// <param name="scope">Whose.</param>
    /// <param name="jobId">The job, an array or a child of one.</param>
    /// <param name="after">Only events with a greater number.</param>
    /// <param name="limit">Events at most.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<IReadOnlyList<RecordedEvent>?> ReadOfJobAsync(Scope scope, string jobId, int after, int limit, CancellationToken cancellationToken);

    /// <summary>Events behind a position, in order. Nothing that was committed before the answer is missing between two pages.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="after">Behind this position.</param>
    /// <param name="limit">Events at most; it may be fewer though there are more.</param>
    /// <param name="cancellationToken">The caller's.</param>
    Task<EventPage> ReadAsync(EventFilter filter, EventPosition after, int limit, CancellationToken cancellationToken);

    /// <summary>The event of one position; null: there is none, or not any more.</summary>
    Task<RecordedEvent?> FindAsync(EventPosition position, CancellationToken cancellationToken);

    /// <summary>The position behind the newest event.</summary>
    ValueTask<EventPosition> NewestAsync(CancellationToken cancellationToken);

    /// <summary>Waits until an event is committed behind the position, or there is one already.</summary>
    Task WaitAsync(EventPosition after, CancellationToken cancellationToken);
}

/// <summary>A page of events.</summary>
/// <param name="Events">In order.</param>
/// <param name="Next">Where to go on: at least as far as the last event, further when what follows was looked at and not wanted.</param>
/// <param name="HasMore">Whether there is something behind it that was not looked at.</param>
public sealed record EventPage(IReadOnlyList<RecordedEvent> Events, EventPosition Next, bool HasMore);
