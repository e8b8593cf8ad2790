using System.Buffers;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Writes down what happened, then tells the agent: in the order in which it happened, and in batches that form by themselves.</summary>
/// <remarks>The one thread that sends, so that a slow agent never holds up a start or a reaping.</remarks>
internal sealed class Clerk(Journal journal, StartQueue queue)
{
    // The first news after a quiet time is told at once, then this many milliseconds gather what comes together. While
    // attempts wait to be started nobody can use a quicker answer, and every message costs both sides what a start needs.
    private const int Pause = 1;
    private const int BusyPause = 8;

    // The journal is rewritten when it has grown by this much beyond four times what a rewriting left.
    private const long CompactionStep = 8 * 1024 * 1024;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Bell _filled = new();
    private readonly ArrayBufferWriter<byte> _lines = new(16 * 1024);
    private readonly FrameWriter _frames = new();
    private readonly List<AttemptFact> _facts = [];
    private List<News> _arrived = [];
    private List<News> _taken = [];
    private AgentConnection? _agent;
    private bool _isLast;
    private long _compactAt = CompactionStep;

    /// <summary>Asks for a journal that is as short as can be. Set before the clerk runs.</summary>
    public Action? Compact { get; set; }

    /// <summary>Ends the program, once the last news is written down and told. Set before the clerk runs.</summary>
    public Action? Leave { get; set; }

    /// <summary>Takes news. Called under the book's gate, so that the order is that of the book.</summary>
    public void Take(in News news)
    {
        lock (_gate)
        {
            _arrived.Add(news);
            if (_arrived.Count > 1)
            {
                return;
            }
        }

        _filled.Ring();
    }

    /// <summary>Works for ever.</summary>
    public void Run()
    {
        while (true)
        {
            // Lines that could not be written are tried again, also when nothing new comes.
            _filled.Wait(_lines.WrittenCount > 0 ? Retry : Timeout.InfiniteTimeSpan);
            lock (_gate)
            {
                (_arrived, _taken) = (_taken, _arrived);
            }

            Record();
            Tell();
            _taken.Clear();
            if (_isLast && _lines.WrittenCount == 0)
            {
                Leave?.Invoke();
            }

            Thread.Sleep(queue.IsBusy ? BusyPause : Pause);
        }
    }

    private void Record()
    {
        foreach (ref readonly var news in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_taken))
        {
            _isLast |= news.IsLast;

            // Before anyone hears of the end, so that who then reads the log finds all of it.
            news.Ended?.Log.Close(news.Ended.StoppedAt ?? 0);
            if (news.Record is { } record)
            {
                Journal.Format(record, _lines);
            }
        }

        if (_lines.WrittenCount == 0)
        {
            return;
        }

        try
        {
            journal.Append(_lines.WrittenSpan);
            _lines.ResetWrittenCount();
            if (journal.Size > _compactAt)
            {
                Compact?.Invoke();
                _compactAt = (4 * journal.Size) + CompactionStep;
            }
        }
        catch (IOException problem)
        {
            // The agent is told all the same: what it settles needs no journal any more.
            SupervisorLog.Write($"The journal cannot be written: {problem.Message}");
        }
    }

    private void Tell()
    {
        long? confirmed = null;
        foreach (ref readonly var news in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_taken))
        {
            if (news.Hello is { } hello)
            {
                // Its hello says all that was before.
                _facts.Clear();
                _frames.Clear();
                confirmed = null;
                _agent = news.Agent;
                _frames.Add(hello);
            }
            else if (news.IsLapse)
            {
                _frames.Add(new() { Kind = FrameKind.Lapsed });
            }
            else if (news.Fact is { } fact)
            {
                _facts.Add(fact);
            }
            else if (news.Confirmed is { } sequence && news.Agent == _agent)
            {
                confirmed = sequence;
            }
        }

        if (_facts.Count > 0)
        {
            _frames.Add(new() { Kind = FrameKind.Facts, Facts = [.. _facts] });
            _facts.Clear();
        }

        if (confirmed is not null)
        {
            _frames.Add(new() { Kind = FrameKind.Confirmed, Sequence = confirmed });
        }

        if (_agent is not null && !_frames.Bytes.IsEmpty && !_agent.Send(_frames.Bytes.Span))
        {
            // It will come again, or another; the hello then tells all.
            _agent = null;
        }

        _frames.Clear();
    }
}

/// <summary>One thing for the clerk to write down, to tell, or both.</summary>
internal readonly struct News
{
    /// <summary>The line for the journal.</summary>
    public JournalRecord? Record { get; init; }

    /// <summary>What the agent is told.</summary>
    public AttemptFact? Fact { get; init; }

    /// <summary>The attempt that is over: its log is closed.</summary>
    public Attempt? Ended { get; init; }

    /// <summary>The agent that a hello or a confirmation is for.</summary>
    public AgentConnection? Agent { get; init; }

    /// <summary>The first frame to a new agent, which from now on is the one that is told.</summary>
    public Frame? Hello { get; init; }

    /// <summary>Orders up to this number are journalled.</summary>
    public long? Confirmed { get; init; }

    /// <summary>The lease has lapsed.</summary>
    public bool IsLapse { get; init; }

    /// <summary>Nothing follows.</summary>
    public bool IsLast { get; init; }
}
