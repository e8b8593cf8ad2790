using System.Text;
using OrleansBatch.Agent.Shipping;
using OrleansBatch.Core.Logs.Shipping;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Logs;

namespace OrleansBatch.Agent.Tests.Shipping;

public sealed class LogProgressTests : IDisposable
{
    private const int Most = 16 * 1024 * 1024;
    private const int Room = 512 * 1024;

    private static readonly LogLocation Log = new() { Scope = new("1", "r"), Group = "g", Stream = "s" };

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"shipped-{Guid.NewGuid():N}.log");
    private readonly Shelf _shelf = new();
    private long _time = 1_000;

    [Fact]
    public void What_is_new_is_shipped_and_what_has_no_output_costs_nothing()
    {
        var log = New();
        Assert.Empty(Ship(log));
        Write("one\n");
        Assert.Single(Ship(log));
        Assert.Empty(Ship(log));
        Write("two\nthr");
        Assert.Single(Ship(log));
        Assert.Equal("one\ntwo\nthr", _shelf.TextOf(Log));
        Assert.False(log.IsDone);

        Write("ee\n", closed: true);
        Assert.True(Assert.Single(Ship(log)).IsClosed);

        Assert.True(log.IsDone);
        Assert.Equal("one\ntwo\nthree\n", _shelf.TextOf(Log));
        Assert.True(_shelf.StateOf(Log)!.Value.IsClosed);
    }

    [Fact]
    public void A_log_that_ends_without_another_byte_is_closed_by_a_chunk_of_none()
    {
        var log = New();
        Write("one\n");
        Ship(log);
        Write("", closed: true);

        Assert.Equal((4, 4, true), Assert.Single(Ship(log)) is var last ? (last.Begin, last.End, last.IsClosed) : default);

        Assert.True(log.IsDone);
        Assert.Equal(new(4, IsClosed: true), _shelf.StateOf(Log));
    }

    [Fact]
    public void Without_output_it_is_done_when_its_attempt_is_over()
    {
        var log = New();
        Assert.Empty(Ship(log));
        Assert.False(log.IsDone);

        Assert.Empty(Ship(log, isOver: true));

        Assert.True(log.IsDone);
    }

    [Fact]
    public void What_nobody_closes_any_more_is_done_when_all_is_shipped_and_its_attempt_over()
    {
        var log = New();
        Write("one\n");
        Assert.Single(Ship(log, isOver: true));
        Assert.False(log.IsDone);

        Assert.Empty(Ship(log, isOver: true));

        Assert.True(log.IsDone);
    }

    [Fact]
    public void A_file_that_has_been_removed_is_done_when_its_attempt_is_over()
    {
        var log = New();
        Write("one\n");
        Ship(log);
        File.Delete(_path);
        File.Delete(LogTimes.PathOf(_path));

        Assert.Empty(Ship(log, isOver: true));

        Assert.True(log.IsDone);
    }

    [Fact]
    public void A_new_agent_asks_how_far_the_store_has_come_and_goes_on_from_there()
    {
        Write("one\n");
        Ship(New());
        Write("two\n");
        var log = new LogProgress(Log, _path, isNew: false);

        Assert.True(Assert.Single(Ship(log)).Data.IsEmpty);
        Assert.Equal(4, Assert.Single(Ship(log)).Begin);
        Assert.Equal("one\ntwo\n", _shelf.TextOf(Log));
    }

    [Fact]
    public void Many_small_chunks_become_a_large_one()
    {
        var log = New();
        for (var line = 0; line < 8_000; line++)
        {
            Write($"line {line}\n");
            Ship(log);
        }

        var chunks = _shelf.ChunksOf(Log);
        Assert.True(chunks.Length <= (_shelf.StateOf(Log)!.Value.End / LogPiece.MostBytes) + LogProgress.MostSmall + 2, $"{chunks.Length} chunks");
        Assert.Equal((0, LogPiece.MostBytes), chunks[0]);
        Assert.Equal(string.Concat(Enumerable.Range(0, 8_000).Select(line => $"line {line}\n")), _shelf.TextOf(Log));
    }

    [Fact]
    public void Output_that_came_in_too_many_parts_for_one_chunk_stays_in_several()
    {
        var log = New();
        for (var part = 0; part < LogPiece.MostMoments; part++)
        {
            Write("x");
        }

        Ship(log);
        for (var line = 0; line < 3 * LogProgress.MostSmall; line++)
        {
            Write("y");
            Ship(log);
        }

        Assert.True(_shelf.ChunksOf(Log).Length < 2 * LogProgress.MostSmall);
        Assert.Equal(File.ReadAllText(_path), _shelf.TextOf(Log));
    }

    [Fact]
    public void What_is_there_at_once_is_shipped_once_in_large_chunks()
    {
        var log = New();
        Write(new string('x', 300_000) + "\n", closed: true);

        Assert.Equal(5, Ship(log).Count);

        Assert.True(log.IsDone);
        Assert.Equal(300_001, _shelf.Bytes);
    }

    [Fact]
    public void A_message_takes_about_as_much_as_it_has_room_for()
    {
        var log = New();
        Write(new string('x', 300_000) + "\n", closed: true);

        Assert.Equal([(0, 65_536), (65_536, 131_072)], Ship(log, room: 100_000).Select(chunk => ((int)chunk.Begin, (int)chunk.End)));
        Assert.Equal(131_072, Ship(log)[0].Begin);
        Assert.True(log.IsDone);
    }

    [Theory]
    [InlineData(true, 1_000_000)]
    [InlineData(false, 500_000)]
    public void Of_a_log_that_grew_faster_than_it_was_shipped_the_end_is_shipped_from_a_whole_line_on(bool isClosed, int expected)
    {
        var shelf = new Shelf { MostBytes = 1_000_000 };
        var log = New();
        Write("begin\n");
        Ship(log, shelf: shelf);
        Write(string.Concat(Enumerable.Repeat("a line of some length\n", 100_000)), isClosed);

        while (Ship(log, shelf: shelf).Count > 0)
        {
        }

        var text = shelf.TextOf(Log);
        Assert.StartsWith("\na line of some length\n", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, expected - 70_000, expected);
        Assert.Equal(new FileInfo(_path).Length, shelf.StateOf(Log)!.Value.End);
    }

    [Fact]
    public void One_that_is_refused_is_done()
    {
        var log = New();
        Write("one\n");

        log.Hear(log.Take(isOver: false, Most, Room), [new(0, IsRefused: true)]);

        Assert.True(log.IsDone);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_is_lost_on_the_way_all_of_it_arrives(int seed)
    {
        var random = new Random(seed);
        _shelf.IsLost = _ => random.Next(4) == 0;
        _shelf.IsAnswerLost = _ => random.Next(4) == 0;
        var log = New();
        for (var step = 0; step < 2_000; step++)
        {
            Write(new string((char)('a' + (step % 26)), random.Next(random.Next(10) == 0 ? 50_000 : 200)) + "\n", closed: step == 1_999);
            if (random.Next(50) == 0)
            {
                log = new(Log, _path, isNew: false);
            }

            Ship(log);
        }

        while (!log.IsDone)
        {
            Ship(log);
        }

        Assert.Equal(File.ReadAllText(_path), _shelf.TextOf(Log));
        Assert.True(_shelf.StateOf(Log)!.Value.IsClosed);
    }

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(LogTimes.PathOf(_path));
    }

    private LogProgress New() => new(Log, _path, isNew: true);

    private List<LogChunk> Ship(LogProgress log, bool isOver = false, int room = Room, Shelf? shelf = null)
    {
        shelf ??= _shelf;
        var chunks = log.Take(isOver, shelf.MostBytes, room);
        IReadOnlyList<LogKept>? answers = null;
        try
        {
            answers = chunks.Count == 0 ? [] : shelf.Keep(chunks).Chunks;
        }
        catch (IOException)
        {
            // The next look is the repetition.
        }

        log.Hear(chunks, answers);
        return chunks;
    }

    private void Write(string text, bool closed = false)
    {
        File.AppendAllText(_path, text, new UTF8Encoding(false));
        new LogTimes(new FileInfo(_path).Length, _time += 7, closed).AppendTo(_path);
    }
}
