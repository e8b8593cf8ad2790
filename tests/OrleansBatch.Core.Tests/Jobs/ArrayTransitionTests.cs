using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>Every event of an array's parent. Written from the specification, not from the code.</summary>
public sealed class ArrayTransitionTests
{
    // Columns: an array that was just made, one that waits for others, one whose children may start, and ended ones.
    // A cell: the parent's status / that of its children without rows. "same": nothing changes. "throws": it cannot happen.
    private const string Table = """
                              NEW               WAITING           READY             SUCCEEDED  FAILED
        Accepted              PENDING/RUNNABLE  throws            throws            same       same
        Accepted:dependencies PENDING/PENDING   throws            throws            same       same
        Accepted:children     PENDING/PENDING   throws            throws            same       same
        DependenciesMet       throws            PENDING/RUNNABLE  same              same       same
        DependencyFailed      throws            PENDING/FAILED    throws            same       same
        Placed                throws            throws            throws            same       same
        Started               same              same              same              same       same
        Exited                same              same              same              same       same
        Cancelled             throws            PENDING/FAILED    PENDING/FAILED    same       same
        Terminated            throws            PENDING/FAILED    PENDING/FAILED    same       same
        QueueDeleted          throws            PENDING/FAILED    PENDING/FAILED    same       same
        TaskRefused           throws            throws            PENDING/FAILED    same       same
        Blocked               throws            throws            throws            same       same
        ChildrenEnded:all     throws            SUCCEEDED/PENDING SUCCEEDED/RUNNABLE same      same
        ChildrenEnded:some    throws            FAILED/PENDING    FAILED/RUNNABLE   same       same
        Retagged              SUBMITTED/SUBMITTED PENDING/PENDING PENDING/RUNNABLE SUCCEEDED/RUNNABLE FAILED/RUNNABLE
        """;

    private static readonly DateTimeOffset At = AJob.At(9);

    private static readonly string[][] Rows =
        [.. Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static TheoryData<string, string, string> Cells()
    {
        TheoryData<string, string, string> cells = [];
        foreach (var row in Rows.Skip(1))
        {
            foreach (var (column, expected) in Rows[0].Zip(row.Skip(1)))
            {
                cells.Add(column, row[0], expected);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_event_moves_an_array_changes_nothing_or_cannot_happen(string column, string named, string expected)
    {
        var array = In(column);
        if (expected == "throws")
        {
            Assert.Throws<IllegalTransitionException>(() => array.Then(Event(named)));
            return;
        }

        var next = array.Then(Event(named));
        if (expected == "same")
        {
            Assert.Equal(array, next);
        }
        else
        {
            Assert.NotEqual(array, next);
            Assert.Equal(expected, $"{next.Status.ToWire()}/{next.Unwritten!.Status.ToWire()}");
        }
    }

    [Fact]
    public void A_cancelled_array_ends_with_the_callers_reason_when_a_child_failed_and_succeeds_when_none_did()
    {
        var cancelled = In("READY").Then(new Cancelled("changed my mind", AJob.At(2)), new Cancelled("again", AJob.At(3)));

        Assert.Equal(("changed my mind", AJob.At(2), true), (cancelled.Unwritten!.StatusReason, cancelled.Unwritten.StoppedAt, cancelled.Unwritten.IsCancelled));
        var failed = cancelled.Then(new ChildrenEnded(false, AJob.At(1), At));
        Assert.Equal((JobStatus.Failed, "changed my mind", AJob.At(1), At), (failed.Status, failed.StatusReason, failed.StartedAt, failed.StoppedAt));
        Assert.Equal(JobStatus.Succeeded, cancelled.Then(new ChildrenEnded(true, AJob.At(1), At)).Status);
    }

    [Fact]
    public void A_terminate_after_a_cancel_escalates_and_a_cancel_after_a_terminate_changes_nothing()
    {
        var both = In("READY").Then(new Cancelled("one", At), new Terminated("two", At));
        Assert.Equal((true, true, "two"), (both.IsCancelled, both.IsTerminated, both.StopReason));
        // The cancel had ended them already.
        Assert.Equal("one", both.Unwritten!.StatusReason);

        var terminated = In("READY").Then(new Terminated("two", At));
        Assert.Equal(terminated, terminated.Then(new Cancelled("three", At), new Terminated("four", At)));
    }

    [Fact]
    public void An_array_with_a_failed_child_says_so() =>
        Assert.Equal("Array Child Job failed", In("READY").Then(new ChildrenEnded(false, null, At)).StatusReason);

    [Fact]
    public void An_array_whose_dependency_failed_says_so() =>
        Assert.Equal("Dependent Job failed", In("WAITING").Then(new DependencyFailed(At), new ChildrenEnded(false, null, At)).StatusReason);

    private static JobState In(string column) => column switch
    {
        "NEW" => JobTransitions.NewArray(),
        "WAITING" => In("NEW").Then(new Accepted(HasDependencies: true)),
        "READY" => In("NEW").Then(new Accepted(HasDependencies: false)),
        "SUCCEEDED" => In("READY").Then(new ChildrenEnded(true, null, At)),
        _ => In("READY").Then(new ChildrenEnded(false, null, At)),
    };

    private static JobEvent Event(string named) => named.Split(':') switch
    {
        ["Accepted"] => new Accepted(false),
        ["Accepted", "children"] => new Accepted(false, ChildrenWait: true),
        ["Accepted", _] => new Accepted(true),
        ["DependenciesMet"] => new DependenciesMet(),
        ["DependencyFailed"] => new DependencyFailed(At),
        ["Placed"] => new Placed(AJob.Place()),
        ["Started"] => new Started(1, At),
        ["Exited"] => new Exited(1, 0, null, At, At),
        ["Cancelled"] => new Cancelled("no longer wanted", At),
        ["Terminated"] => new Terminated("no longer wanted", At),
        ["QueueDeleted"] => new QueueDeleted(At),
        ["TaskRefused"] => new TaskRefused("Container Overrides length must be at most 8192", At),
        ["Blocked"] => new Blocked("blocked", AJob.At(1)),
        ["ChildrenEnded", var how] => new ChildrenEnded(how == "all", AJob.At(1), At),
        ["Retagged"] => new Retagged(new Dictionary<string, string> { ["team"] = "b" }),
        _ => throw new ArgumentException($"The table names an event that is none: {named}.", nameof(named)),
    };
}
