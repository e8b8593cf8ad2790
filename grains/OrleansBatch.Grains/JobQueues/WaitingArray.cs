using System.Collections;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.JobQueues;

/// <summary>An array in a queue's line: one bit for each child.</summary>
internal sealed class WaitingArray
{
    private readonly BitArray _waiting;
    private int _count;
    private int _first;

    public WaitingArray(QueueEntry entry, IEnumerable<int> waiting)
    {
        Entry = entry;
        _waiting = new(entry.ArraySize);
        foreach (var index in waiting)
        {
            _waiting[index] = true;
            _count++;
        }
    }

    public QueueEntry Entry { get; }

    public bool IsEmpty => _count == 0;

    /// <summary>How many wait.</summary>
    public int Count => _count;

    /// <summary>The children that wait, by index.</summary>
    public IEnumerable<QueueEntry> Children
    {
        get
        {
            for (var index = _first; index < _waiting.Length; index++)
            {
                if (_waiting[index])
                {
                    yield return Entry with { JobId = JobPartIds.Child(Entry.JobId, index), Index = index, ArraySize = 0 };
                }
                else if (index == _first)
                {
                    _first++;
                }
            }
        }
    }

    /// <summary>A child that left waits again. False when it waits already.</summary>
    public bool PutBack(int index)
    {
        if (_waiting[index])
        {
            return false;
        }

        _waiting[index] = true;
        _count++;
        _first = Math.Min(_first, index);
        return true;
    }

    /// <summary>A child leaves. False when it does not wait here.</summary>
    public bool Take(int index)
    {
        if (!_waiting[index])
        {
            return false;
        }

        _waiting[index] = false;
        _count--;
        return true;
    }
}
