using System.Text;
using OrleansBatch.Agent.Logs;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Logs;

namespace OrleansBatch.Agent.Tests;

public sealed class LogTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"log-{Guid.NewGuid():N}.log");

    [Fact]
    public void A_stream_that_does_not_exist_says_so() => Assert.False(Read(new() { Forwards = true }).Exists);

    [Fact]
    public void An_empty_log_exists_and_has_no_lines()
    {
        Write("");

        var page = Read(new() { Forwards = true });

        Assert.True(page.Exists);
        Assert.Empty(page.Lines);
    }

    [Fact]
    public void Lines_are_trimmed_decoded_and_dropped_when_empty()
    {
        File.WriteAllBytes(_path, [.. "one\r\n\n\r\n"u8, 0xff, .. "two\nthrée\nlast"u8]);
        Note(new FileInfo(_path).Length, Noon, closed: true);

        Assert.Equal(["one", "\ufffdtwo", "thrée", "last"], Texts(Read(new() { Forwards = true })));
        Assert.Equal(["one", "\ufffdtwo", "thrée", "last"], Texts(Read(new() { Forwards = false })));
    }

    [Fact]
    public void While_the_writer_lives_only_whole_lines_that_are_stamped_are_given()
    {
        Write("one\ntwo\nthr");
        Assert.Empty(Read(new() { Forwards = true }).Lines);

        Note(11, Noon, closed: false);
        var page = Read(new() { Forwards = true });
        Assert.Equal(["one", "two"], Texts(page));
        Assert.Equal(["one", "two"], Texts(Read(new() { Forwards = false })));

        File.AppendAllText(_path, "ee\nfour");
        Assert.Empty(Read(new() { Forwards = true, Offset = page.End }).Lines);
        Note(18, Noon, closed: true);
        Assert.Equal(["three", "four"], Texts(Read(new() { Forwards = true, Offset = page.End })));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_says_whether_lines_had_no_room_on_it(bool forwards)
    {
        Write("one\ntwo\nthree\n");
        Note(8, Noon, closed: false);
        Note(14, Noon.AddSeconds(1), closed: true);

        Assert.True(Read(new() { Forwards = forwards, Limit = 2 }).HasMore);
        Assert.False(Read(new() { Forwards = forwards, Limit = 3 }).HasMore);
        Assert.True(Read(new() { Forwards = forwards, MaxBytes = 6 }).HasMore);
        Assert.False(Read(new() { Forwards = forwards, Limit = 2, Until = Noon.AddSeconds(1) }).HasMore);
        Assert.False(Read(new() { Forwards = forwards, Limit = 1, From = Noon.AddSeconds(1) }).HasMore);
    }

    [Fact]
    public void Each_line_has_the_time_at_which_its_end_arrived()
    {
        Write("one\ntwo\nthree\n");
        Note(6, Noon, closed: false);
        Note(8, Noon.AddSeconds(1), closed: false);
        Note(14, Noon.AddSeconds(2), closed: true);

        var lines = Read(new() { Forwards = true }).Lines;

        Assert.Equal([Noon, Noon.AddSeconds(1), Noon.AddSeconds(2)], lines.Select(line => line.Timestamp));
        Assert.Equal([0, 4, 8], lines.Select(line => line.Offset));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_span_of_time_takes_what_arrived_from_its_begin_to_just_before_its_end(bool forwards)
    {
        Write("zero\none\ntwo\nthree\n");
        Note(5, Noon, closed: false);
        Note(11, Noon.AddSeconds(1), closed: false);
        Note(13, Noon.AddSeconds(2), closed: false);
        Note(19, Noon.AddSeconds(3), closed: true);

        string[] Between(double? from, double? until) => Texts(Read(new()
        {
            Forwards = forwards,
            From = from is { } f ? Noon.AddSeconds(f) : null,
            Until = until is { } u ? Noon.AddSeconds(u) : null,
        }));

        Assert.Equal(["one", "two"], Between(1, 3));
        Assert.Equal(["two", "three"], Between(1.5, null));
        Assert.Equal(["zero"], Between(null, 1));
        Assert.Equal([], Between(4, null));
        Assert.Equal([], Between(null, 0));
        Assert.Equal(["zero", "one", "two", "three"], Between(-5, 5));
    }

    [Theory]
    [InlineData(1, 1_000_000)]
    [InlineData(7, 1_000_000)]
    [InlineData(10_000, 100)]
    [InlineData(3, 10)]
    public void Pages_in_both_directions_give_every_line_once(int limit, int maxBytes)
    {
        var lines = Enumerable.Range(0, 500).Select(i => new string((char)('a' + (i % 26)), 1 + (i % 9)) + i % 10).ToArray();
        Write(string.Join('\n', lines));
        Note(new FileInfo(_path).Length, Noon, closed: true);

        List<string> forwards = [];
        long? offset = null;
        while (Read(new() { Forwards = true, Offset = offset, Limit = limit, MaxBytes = maxBytes }) is { Lines.IsEmpty: false } page)
        {
            Assert.True(page.Lines.Length <= limit && page.Lines.Sum(line => line.Message.Length) <= maxBytes);
            forwards.AddRange(Texts(page));
            offset = page.End;
        }

        List<string> backwards = [];
        offset = null;
        while (Read(new() { Forwards = false, Offset = offset, Limit = limit, MaxBytes = maxBytes }) is { Lines.IsEmpty: false } page)
        {
            backwards.InsertRange(0, Texts(page));
            offset = page.Begin;
        }

        Assert.Equal(lines, forwards);
        Assert.Equal(lines, backwards);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(64)]
    [InlineData(100_000)]
    public void A_line_longer_than_a_page_is_cut_alike_in_both_directions_and_never_inside_a_character(int maxBytes)
    {
        var text = string.Concat(Enumerable.Range(0, 60_000).Select(i => i % 7 == 0 ? "€" : i % 11 == 0 ? "😀" : "x"));
        Write($"before\n{text}\nafter\n");
        Note(new FileInfo(_path).Length, Noon, closed: true);

        var forwards = ReadAll(forwards: true, maxBytes);
        var backwards = ReadAll(forwards: false, maxBytes);

        Assert.Equal(forwards, backwards);
        Assert.Equal("before", forwards[0].Message);
        Assert.Equal("after", forwards[^1].Message);
        Assert.Equal(text, string.Concat(forwards[1..^1].Select(line => line.Message)));
        Assert.All(forwards, line => Assert.True(Encoding.UTF8.GetByteCount(line.Message) <= maxBytes + 3));
    }

    [Theory]
    [InlineData("/aws/batch/job", "name/default/0123", "1/r/+aws+batch+job/name/default/0123.log")]
    [InlineData("../..", "../../../etc/passwd", "1/r/%2E%2E+%2E%2E/%2E%2E/%2E%2E/%2E%2E/etc/passwd.log")]
    [InlineData("", "/a//b.log", "1/r/%/%/a/%/b%2Elog.log")]
    [InlineData("a+b", "x\0\n é", "1/r/a%2Bb/x%00%0A%20%C3%A9.log")]
    public void A_logs_place_is_a_function_of_its_name_and_never_leaves_its_folder(string group, string stream, string expected) =>
        Assert.Equal($"/logs/{expected}", new LogFiles("/logs").PathOf(new() { Scope = new("1", "r"), Group = group, Stream = stream }));

    [Fact]
    public void Long_names_become_short_ones_that_differ()
    {
        var files = new LogFiles("/logs");
        string Place(string stream) => files.PathOf(new() { Scope = new("1", "r"), Group = new string('g', 512), Stream = stream });
        string[] streams =
        [
            new('s', 512), new string('s', 511) + "t", new('.', 512), string.Join('/', Enumerable.Repeat("d", 250)), string.Join('/', Enumerable.Repeat("e", 250)),
        ];

        Assert.All(streams, stream => Assert.All(Place(stream).Split('/'), part => Assert.True(part.Length <= 200)));
        Assert.All(streams, stream => Assert.True(Place(stream).Length < 2_500));
        Assert.Equal(streams.Length, streams.Select(Place).Distinct().Count());
    }

    public void Dispose()
    {
        File.Delete(_path);
        File.Delete(LogTimes.PathOf(_path));
    }

    private LogLine[] ReadAll(bool forwards, int maxBytes)
    {
        List<LogLine> all = [];
        long? offset = null;
        while (Read(new() { Forwards = forwards, Offset = offset, MaxBytes = maxBytes }) is { Lines.IsEmpty: false } page)
        {
            all.InsertRange(forwards ? all.Count : 0, page.Lines);
            offset = forwards ? page.End : page.Begin;
        }

        return [.. all];
    }

    private LogPage Read(Query query) => LogFile.Read(
        _path,
        new()
        {
            Log = new() { Scope = new("1", "r"), Group = "g", Stream = "s" },
            Forwards = query.Forwards,
            Offset = query.Offset,
            From = query.From,
            Until = query.Until,
            Limit = query.Limit,
            MaxBytes = query.MaxBytes,
        },
        CancellationToken.None);

    private static string[] Texts(LogPage page) => [.. page.Lines.Select(line => line.Message)];

    private void Write(string text) => File.WriteAllText(_path, text);

    private void Note(long size, DateTimeOffset time, bool closed) => new LogTimes(size, time.ToUnixTimeMilliseconds(), closed).AppendTo(_path);

    private sealed record Query
    {
        public required bool Forwards { get; init; }

        public long? Offset { get; init; }

        public DateTimeOffset? From { get; init; }

        public DateTimeOffset? Until { get; init; }

        public int Limit { get; init; } = 10_000;

        public int MaxBytes { get; init; } = 1_000_000;
    }
}
