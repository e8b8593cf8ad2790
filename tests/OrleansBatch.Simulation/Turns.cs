using System.Runtime.CompilerServices;

namespace OrleansBatch.Simulation;

/// <summary>What a turn waits for: what may go wrong there depends on it.</summary>
internal enum Occasion
{
    /// <summary>A call on its way: when it is lost, the caller hears so and nothing was done.</summary>
    Request,

    /// <summary>An answer on its way: when it is lost, the caller hears so though all was done.</summary>
    Reply,

    /// <summary>A step on its way to the store: when it is lost, nothing was stored.</summary>
    Store,

    /// <summary>A step that is stored. Its answer does not get lost: the store reads back what nobody heard of.</summary>
    Stored,

    /// <summary>Rows are read.</summary>
    Read,

    /// <summary>A batch of the post leaves: it may be delivered twice.</summary>
    Post,

    /// <summary>A program begins something by itself.</summary>
    Begin,

    /// <summary>A time has come.</summary>
    Timer,
}

/// <summary>One place where something waits to go on. Whatever else is pending may go first.</summary>
internal sealed class Turn(object owner, Occasion occasion, DateTimeOffset due) : INotifyCompletion
{
    private Action? _goOn;

    public object Owner => owner;

    public Occasion Occasion => occasion;

    public DateTimeOffset Due => due;

    public bool IsLost { get; set; }

    public bool IsDoubled { get; set; }

    public bool IsCompleted => false;

    public Turn GetAwaiter() => this;

    public void OnCompleted(Action continuation) => _goOn = continuation;

    /// <summary>Whether what was on its way is to be delivered twice.</summary>
    /// <exception cref="LostException">It got lost.</exception>
    public bool GetResult() => IsLost ? throw new LostException() : IsDoubled;

    public void GoOn() => _goOn!();
}

/// <summary>A message, or the answer to one, got lost.</summary>
internal sealed class LostException() : Exception("A message or its answer got lost.");

/// <summary>All that waits to go on. Nothing else makes anything happen: no thread, no clock.</summary>
internal sealed class Turns
{
    private readonly List<Turn> _ready = [];
    private readonly List<Turn> _timers = [];

    public DateTimeOffset Now { get; private set; } = new(2026, 1, 11, 23, 36, 40, TimeSpan.Zero);

    /// <summary>Those that may go on now.</summary>
    public IReadOnlyList<Turn> Ready => _ready;

    public int Taken { get; private set; }

    public Turn Wait(object owner, Occasion occasion) => Add(_ready, new(owner, occasion, Now));

    public Turn Wait(object owner, TimeSpan delay) => Add(_timers, new(owner, Occasion.Timer, Now + delay));

    public void Take(int index)
    {
        var turn = _ready[index];
        _ready.RemoveAt(index);
        Taken++;
        Now += TimeSpan.FromMilliseconds(1);
        WakeTimers();
        turn.GoOn();
    }

    /// <summary>Time passes.</summary>
    public void Pass(TimeSpan time)
    {
        Now += time;
        WakeTimers();
    }

    /// <summary>When the next timer is due; null when there is none.</summary>
    public DateTimeOffset? NextDue => _timers.Count == 0 ? null : _timers.Min(turn => turn.Due);

    /// <summary>A program died: nothing of it goes on.</summary>
    public void Forget(object owner)
    {
        _ready.RemoveAll(turn => turn.Owner == owner);
        _timers.RemoveAll(turn => turn.Owner == owner);
    }

    private void WakeTimers()
    {
        for (var i = 0; i < _timers.Count;)
        {
            if (_timers[i].Due <= Now)
            {
                _ready.Add(_timers[i]);
                _timers.RemoveAt(i);
            }
            else
            {
                i++;
            }
        }
    }

    private static Turn Add(List<Turn> turns, Turn turn)
    {
        turns.Add(turn);
        return turn;
    }
}
