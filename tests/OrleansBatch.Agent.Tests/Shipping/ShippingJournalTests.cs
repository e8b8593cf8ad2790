using Microsoft.Extensions.Logging.Abstractions;
using OrleansBatch.Agent.Shipping;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests.Shipping;

public sealed class ShippingJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("shipping-").FullName;

    [Fact]
    public void What_was_added_and_not_removed_is_found_again()
    {
        using (var journal = Open())
        {
            Assert.Equal(2, journal.Add([Of("a", 1), Of("b", 1)]).Count);
            Assert.Equal(["b", "c"], journal.Add([Of("b", 2), Of("b", 1), Of("c", 1)]).Select(one => one.Key.JobId));
            journal.Remove([new("b", 1), new("nothing", 1)]);
        }

        using var again = Open();
        Assert.Equal([new("a", 1), new("b", 2), new("c", 1)], again.Found.Select(one => one.Key).OrderBy(id => id.JobId));
        Assert.Equal(Of("a", 1).Value, again.Found.Single(one => one.Key.JobId == "a").Value);
    }

    [Fact]
    public void A_last_line_that_was_cut_off_is_passed_over()
    {
        using (var journal = Open())
        {
            journal.Add([Of("a", 1)]);
        }

        File.AppendAllText(Path.Combine(_folder, "shipping"), "[\"b\",1,\"1\",\"r\",\"g");

        using (var journal = Open())
        {
            Assert.Equal("a", Assert.Single(journal.Found).Key.JobId);
            journal.Add([Of("c", 1)]);
        }

        using var again = Open();
        Assert.Equal(["a", "c"], again.Found.Select(one => one.Key.JobId));
    }

    [Fact]
    public void It_does_not_grow_with_what_is_over()
    {
        using var journal = Open();
        journal.Add([Of("a", 1)]);
        for (var n = 0; n < 20_000; n++)
        {
            journal.Add([Of("b", n)]);
            journal.Remove([new("b", n)]);
        }

        Assert.InRange(File.ReadLines(Path.Combine(_folder, "shipping")).Count(), 1, 10_010);
        Assert.Equal("a", Assert.Single(Open().Found).Key.JobId);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ShippingJournal Open() => ShippingJournal.Open(_folder, NullLogger.Instance);

    private static KeyValuePair<AttemptId, LogLocation[]> Of(string job, long fence) =>
        new(new(job, fence), [new() { Scope = new("1", "r"), Group = "g", Stream = $"{job}/x \"\n\0é" }, new() { Scope = new("1", "r"), Group = "g", Stream = $"{job}/y" }]);
}
