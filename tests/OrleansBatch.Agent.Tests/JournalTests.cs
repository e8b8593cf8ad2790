using System.Buffers;
using OrleansBatch.Processes.Wire;
using OrleansBatch.Supervisor;

namespace OrleansBatch.Agent.Tests;

public sealed class JournalTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"journal-{Guid.NewGuid():N}");

    [Fact]
    public void What_was_appended_is_read_back_in_order()
    {
        using (var journal = Journal.Open(_path))
        {
            journal.Append(Lines(Accepted("a"), Ended("a")));
            journal.Append(Lines(Settled("a")));
        }

        Assert.Equal([JournalKind.Accepted, JournalKind.Ended, JournalKind.Settled], Journal.Read(_path).Select(record => record.Kind));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public void A_torn_last_line_is_passed_over_and_the_next_begins_anew(int missing)
    {
        using (var journal = Journal.Open(_path))
        {
            journal.Append(Lines(Accepted("a"), Accepted("b")));
        }

        using (var file = File.OpenWrite(_path))
        {
            file.SetLength(file.Length - missing);
        }

        using (var journal = Journal.Open(_path))
        {
            journal.Append(Lines(Accepted("c")));
        }

        // Without its line feed alone a record is still whole.
        Assert.Equal(missing == 1 ? ["a", "b", "c"] : ["a", "c"], Journal.Read(_path).Select(record => record.Job));
    }

    [Fact]
    public void Lines_of_later_versions_are_passed_over_or_read_as_far_as_they_are_known()
    {
        File.WriteAllText(_path, """
            {"k":"dreamt","j":"a","f":1}
            {"k":"accepted","j":"a","f":7,"r":"res","colour":"red"}

            """);
        var history = new AttemptHistory();

        foreach (var record in Journal.Read(_path))
        {
            history.Apply(record);
        }

        Assert.Equal("res", history.Find(new("a", 7))!.Reservation);
    }

    [Fact]
    public void A_history_told_briefly_is_the_same_history()
    {
        var history = new AttemptHistory();
        JournalRecord[] records =
        [
            Accepted("settled"), Started("settled"), Ended("settled"), Settled("settled"),
            Accepted("accepted"),
            Accepted("running"), Started("running"),
            Accepted("ended"), Started("ended"), Ended("ended"),
            new() { Kind = JournalKind.Ended, Job = "refused", Fence = 3, End = AttemptEnd.Refused },
        ];
        foreach (var record in records)
        {
            history.Apply(record);
        }

        var brief = new ArrayBufferWriter<byte>();
        history.Format("journal-id", brief);
        File.WriteAllBytes(_path, brief.WrittenSpan);
        var again = new AttemptHistory();
        foreach (var record in Journal.Read(_path))
        {
            again.Apply(record);
        }

        Assert.Equal(history.Unsettled.Select(attempt => attempt.ToFact()), again.Unsettled.Select(attempt => attempt.ToFact()));
        Assert.Equal(new(123, 456), again.Find(new("running", 1))!.Process);
        Assert.Equal(457, again.Find(new("running", 1))!.StartedBefore);
        Assert.Equal("/logs/running.log", again.Find(new("running", 1))!.Log.Path);
        Assert.All(["settled", "accepted", "running", "ended"], job => Assert.False(again.IsNew(new(job, 1))));
        Assert.False(again.IsNew(new("refused", 3)));
        Assert.True(again.IsNew(new("settled", 2)));
        Assert.Equal("journal-id", Journal.Read(_path).First().Id);
    }

    [Fact]
    public void A_task_told_briefly_is_the_same_task_container_by_container()
    {
        var history = new AttemptHistory();
        JournalRecord[] records =
        [
            Accepted("task") with { Containers = [new() { Name = "a", Log = "/logs/a.log" }, new() { Name = "b", IsEssential = true }, new() { Name = "c" }] },
            Started("task") with { Kind = JournalKind.ContainerStarted, Container = 0, Pid = 11 },
            Ended("task") with { Kind = JournalKind.ContainerEnded, Container = 0, ExitCode = 7 },
            Started("task") with { Kind = JournalKind.ContainerStarted, Container = 1, Pid = 12 },
            Started("task") with { Pid = 0 },
            Started("task") with { Kind = JournalKind.ContainerStarted, Container = 9 },
        ];
        foreach (var record in records)
        {
            history.Apply(record);
        }

        var brief = new ArrayBufferWriter<byte>();
        history.Format("journal-id", brief);
        File.WriteAllBytes(_path, brief.WrittenSpan);
        var again = new AttemptHistory();
        foreach (var record in Journal.Read(_path))
        {
            again.Apply(record);
        }

        var (before, after) = (history.Find(new("task", 1))!, again.Find(new("task", 1))!);
        Assert.Equal(before.Containers.Select(container => container.ToContainerFact()), after.Containers.Select(container => container.ToContainerFact()));
        Assert.Equal([AttemptStage.Ended, AttemptStage.Running, AttemptStage.Accepted], after.Containers.Select(container => container.Stage));
        Assert.Equal(new(12, 456), after.Containers[1].Process);
        Assert.Equal((7, "/logs/a.log"), (after.Containers[0].ExitCode, after.Containers[0].Log.Path));
        Assert.Equal((AttemptStage.Running, 789), (after.Stage, after.StartedAt));
    }

    [Fact]
    public void Replacing_a_journal_makes_it_short_and_goes_on_behind()
    {
        using var journal = Journal.Open(_path);
        for (var i = 0; i < 1000; i++)
        {
            journal.Append(Lines(Accepted($"job-{i}")));
        }

        var before = journal.Size;
        journal.Replace(Lines(Accepted("kept")));
        journal.Append(Lines(Accepted("next")));

        Assert.True(journal.Size < before / 100);
        Assert.Equal(journal.Size, new FileInfo(_path).Length);
        Assert.Equal(["kept", "next"], Journal.Read(_path).Select(record => record.Job));
    }

    [Fact]
    public void Only_the_newest_settled_fences_stay_known()
    {
        var history = new AttemptHistory();
        for (var i = 0; i <= AttemptHistory.SettledKept; i++)
        {
            history.Apply(Settled($"job-{i}"));
        }

        Assert.True(history.IsNew(new("job-0", 1)));
        Assert.False(history.IsNew(new("job-1", 1)));
        Assert.False(history.IsNew(new($"job-{AttemptHistory.SettledKept}", 1)));
    }

    public void Dispose() => File.Delete(_path);

    private static byte[] Lines(params JournalRecord[] records)
    {
        var lines = new ArrayBufferWriter<byte>();
        foreach (var record in records)
        {
            Journal.Format(record, lines);
        }

        return lines.WrittenSpan.ToArray();
    }

    private static JournalRecord Accepted(string job) =>
        new() { Kind = JournalKind.Accepted, Job = job, Fence = 1, Reservation = "r", Environment = "e", Log = $"/logs/{job}.log" };

    private static JournalRecord Started(string job) =>
        new() { Kind = JournalKind.Started, Job = job, Fence = 1, Pid = 123, StartTicks = 456, StartTicksUntil = 457, StartedAt = 789 };

    private static JournalRecord Ended(string job) =>
        new() { Kind = JournalKind.Ended, Job = job, Fence = 1, End = AttemptEnd.Exited, ExitCode = 0, StoppedAt = 1000 };

    private static JournalRecord Settled(string job) => new() { Kind = JournalKind.Settled, Job = job, Fence = 1 };
}
