using OrleansBatch.Core.Events;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Grains.Stores;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Storage.Steps;

namespace OrleansBatch.Storage.Listings;

/// <summary>Makes a page of events of their rows, which it is shown in their order.</summary>
internal sealed class EventPageBuilder(IEventJobs jobs, EventFilter filter, EventPosition after, int limit)
{
    /// <summary>Rows that one page looks at at most, wanted or not.</summary>
    public const int MostRows = 5_000;

    private readonly List<RecordedEvent> _events = [];
    private readonly EventPosition _after = after;
    private EventPosition _next = after;
    private int _looked;
    private bool _isFull;

    /// <summary>The key that the first row of the page has at least.</summary>
    public long From { get; } = after.Child == EventPosition.Whole ? after.Id + 1 : after.Id;

    public EventPage Page => new(_events, _next, _isFull);

    /// <summary>Looks at a row; false when the page was full before.</summary>
    public bool Add(EventRow row)
    {
        _isFull = _looked == MostRows || !TryAdd(row);
        _looked++;
        return !_isFull;
    }

    /// <summary>The event of one position, from its row.</summary>
    public static RecordedEvent? Find(IEventJobs jobs, EventRow row, EventPosition position)
    {
        if (jobs.Find(row.Job) is not { } job)
        {
            return null;
        }

        var part = row.Child == EventBook.OfUnwritten ? position.Child : row.Child;
        return part < 0 ? new(position, job, row.Number, row.Change) : OfChild(jobs, job, part, position, row);
    }

    private static RecordedEvent? OfChild(IEventJobs jobs, JobRecord parent, int index, EventPosition position, EventRow row) =>
        jobs.Child(parent, index) is { } child ? new(position, child, row.Number, row.Change) : null;

    private bool TryAdd(EventRow row)
    {
        var whole = new EventPosition(row.Id, EventPosition.Whole);
        if (!filter.Wants(row.Change) || jobs.QueueOf(row.Job) is not { } queue || !filter.WantsQueue(queue) || jobs.Find(row.Job) is not { } job)
        {
            _next = whole;
            return true;
        }

        if (row.Child == EventBook.OfUnwritten)
        {
            return AddUnwritten(row, job);
        }

        if (_events.Count == limit)
        {
            return false;
        }

        if (row.Child == EventBook.OfJob)
        {
            _events.Add(new(whole, job, row.Number, row.Change));
        }
        else if (OfChild(jobs, job, row.Child, whole, row) is { } recorded)
        {
            _events.Add(recorded);
        }

        _next = whole;
        return true;
    }

    /// <summary>One event for each child that had no row then: such a child has none yet, or its row follows a later event that it shared.</summary>
    private bool AddUnwritten(EventRow row, JobRecord parent)
    {
        var first = row.Id == _after.Id ? _after.Child + 1 : 0;
        var hadRows = jobs.HadRows(parent, row.Id);
        for (var index = first; index < MultiNodeJobs.PartsOf(parent.Spec); index++)
        {
            if (hadRows.Contains(index))
            {
                continue;
            }

            if (_events.Count == limit)
            {
                return false;
            }

            // What a child was without a row does not depend on what became of it.
            var position = new EventPosition(row.Id, index);
            _events.Add(new(position, ArrayJobs.Child(parent, index)!, row.Number, row.Change));
            _next = position;
        }

        _next = new(row.Id, EventPosition.Whole);
        return true;
    }
}

/// <summary>The row of an event.</summary>
/// <param name="Id">Its key.</param>
/// <param name="Job">The sequence of its job; of a part its parent's.</param>
/// <param name="Child">A part's index, <see cref="EventBook.OfJob"/> or <see cref="EventBook.OfUnwritten"/>.</param>
/// <param name="Number">Its place in the order of the job's events.</param>
/// <param name="Change">What happened.</param>
internal sealed record EventRow(long Id, long Job, int Child, int Number, JobChange Change);

/// <summary>The jobs that a page of events tells of, at one moment.</summary>
internal interface IEventJobs
{
    /// <summary>A job's queue; null when the job is gone.</summary>
    ScopedName? QueueOf(long sequence);

    /// <summary>A job; null when it is gone.</summary>
    JobRecord? Find(long sequence);

    /// <summary>A child or node; null when there is none with this index.</summary>
    JobRecord? Child(JobRecord parent, int index);

    /// <summary>The children that had rows when this event was written.</summary>
    IReadOnlySet<int> HadRows(JobRecord parent, long eventId);
}
