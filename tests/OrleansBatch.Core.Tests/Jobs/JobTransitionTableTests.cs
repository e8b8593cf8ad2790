using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs;

/// <summary>Every status and every event. Written from the specification's state machine, not from the code.</summary>
public sealed class JobTransitionTableTests
{
    // A status: the job changes and is then in it. "same": nothing changes. "throws": it cannot happen.
    // Attempts are 3, of which the live one is the first, unless the row says that it is the last.
    private const string Table = """
                                    SUBMITTED PENDING   RUNNABLE  STARTING  RUNNING   SUCCEEDED FAILED
        Accepted                    RUNNABLE  throws    throws    throws    throws    same      same
        Accepted:dependencies       PENDING   throws    throws    throws    throws    same      same
        ChildrenEnded               throws    throws    throws    throws    throws    same      same
        DependenciesMet             RUNNABLE  RUNNABLE  same      same      same      same      same
        DependencyFailed            FAILED    FAILED    throws    throws    throws    same      same
        Placed                      throws    throws    STARTING  throws    throws    same      same
        Placed:again                throws    throws    STARTING  same      same      same      same
        Started                     same      same      same      RUNNING   same      same      same
        Started:stale               same      same      same      same      same      same      same
        Exited:0                    same      same      same      SUCCEEDED SUCCEEDED same      same
        Exited:1                    same      same      same      RUNNABLE  RUNNABLE  same      same
        Exited:1:last               same      same      same      FAILED    FAILED    same      same
        Exited:none                 same      same      same      RUNNABLE  RUNNABLE  same      same
        Exited:stale                same      same      same      same      same      same      same
        TimedOut                    same      same      same      FAILED    FAILED    same      same
        TimedOut:stale              same      same      same      same      same      same      same
        FailedToStart               same      same      same      RUNNABLE  throws    same      same
        FailedToStart:last          same      same      same      FAILED    throws    same      same
        FailedToStart:stale         same      same      same      same      same      same      same
        Refused                     same      same      same      RUNNABLE  RUNNABLE  same      same
        Refused:last                same      same      same      FAILED    FAILED    same      same
        Refused:stale               same      same      same      same      same      same      same
        HostLost                    same      same      same      RUNNABLE  RUNNABLE  same      same
        HostLost:last               same      same      same      FAILED    FAILED    same      same
        HostLost:stale              same      same      same      same      same      same      same
        HostReclaimed               same      same      same      STARTING  RUNNING   same      same
        HostReclaimed:stale         same      same      same      same      same      same      same
        Cancelled                   FAILED    FAILED    FAILED    STARTING  RUNNING   same      same
        Terminated                  FAILED    FAILED    FAILED    STARTING  RUNNING   same      same
        QueueDeleted                FAILED    FAILED    FAILED    STARTING  RUNNING   same      same
        TaskRefused                 throws    throws    FAILED    throws    throws    same      same
        Blocked                     throws    throws    RUNNABLE  same      same      same      same
        Unblocked                   throws    throws    same      same      same      same      same
        GangEnded                   throws    throws    throws    throws    throws    same      same
        GangPlaced                  throws    throws    throws    throws    throws    same      same
        MainNodeEnded               throws    throws    throws    throws    throws    same      same
        MainStarted                 throws    throws    throws    throws    throws    same      same
        TriedAgain                  throws    throws    throws    throws    throws    same      same
        Retagged                    SUBMITTED PENDING   RUNNABLE  STARTING  RUNNING   SUCCEEDED FAILED
        """;

    private static readonly string[][] Rows =
        [.. Table.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];

    public static TheoryData<JobStatus, string, string> Cells()
    {
        TheoryData<JobStatus, string, string> cells = [];
        foreach (var row in Rows.Skip(1))
        {
            foreach (var (column, expected) in Rows[0].Zip(row.Skip(1)))
            {
                cells.Add(JobStatuses.FromWire(column)!.Value, row[0], expected);
            }
        }

        return cells;
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Each_event_moves_a_job_changes_nothing_or_cannot_happen(JobStatus status, string named, string expected)
    {
        var job = AJob.In(status);
        var strategy = AJob.Attempts(named.EndsWith(":last", StringComparison.Ordinal) ? 1 : 3);
        var happened = Event(named);
        if (expected == "throws")
        {
            var thrown = Assert.Throws<IllegalTransitionException>(() => JobTransitions.Next(job, strategy, happened));
            Assert.Equal((status, happened), (thrown.Status, thrown.Happened));
            return;
        }

        var next = JobTransitions.Next(job, strategy, happened);
        if (expected == "same")
        {
            Assert.Equal(job, next);
        }
        else
        {
            Assert.NotEqual(job, next);
            Assert.Equal(expected, next.Status.ToWire());
        }
    }

    [Fact]
    public void The_table_leaves_no_status_and_no_event_out()
    {
        var events = typeof(JobEvent).GetNestedTypes().Where(type => !type.IsAbstract).Select(type => type.Name);
        Assert.Equal(events.Order(), Rows.Skip(1).Select(row => row[0].Split(':')[0]).Distinct().Order());
        Assert.Equal(Enum.GetValues<JobStatus>().Select(status => status.ToWire()), Rows[0]);
        Assert.All(Rows.Skip(1), row => Assert.Equal(8, row.Length));
    }

    private static JobEvent Event(string named)
    {
        var fence = named.EndsWith(":stale", StringComparison.Ordinal) ? 0 : 1;
        var at = AJob.At(9);
        return named.Split(':') switch
        {
            ["Accepted"] => new JobEvent.Accepted(HasDependencies: false),
            ["Accepted", _] => new JobEvent.Accepted(HasDependencies: true),
            ["ChildrenEnded"] => new JobEvent.ChildrenEnded(true, at, at),
            ["GangEnded"] => new JobEvent.GangEnded(new() { StoppedAt = at, StatusReason = "", TaskArn = "" }, AttemptEndKind.Exited),
            ["GangPlaced"] => new JobEvent.GangPlaced(),
            ["MainNodeEnded"] => new JobEvent.MainNodeEnded(),
            ["MainStarted"] => new JobEvent.MainStarted(at),
            ["TriedAgain"] => new JobEvent.TriedAgain(),
            ["DependenciesMet"] => new JobEvent.DependenciesMet(),
            ["DependencyFailed"] => new JobEvent.DependencyFailed(at),
            ["Placed"] => new JobEvent.Placed(AJob.Place("r-2", "task-2")),
            ["Placed", "again"] => new JobEvent.Placed(AJob.Place()),
            ["Started", ..] => new JobEvent.Started(fence, at),
            ["Exited", "0"] => new JobEvent.Exited(fence, 0, null, at, at),
            ["Exited", "none"] => new JobEvent.Exited(fence, null, null, at, at),
            ["Exited", ..] => new JobEvent.Exited(fence, 1, null, at, at),
            ["TimedOut", ..] => new JobEvent.TimedOut(fence, 137, at, at),
            ["FailedToStart", ..] => new JobEvent.FailedToStart(fence, "CannotStartContainerError: no such file", at),
            ["Refused", ..] => new JobEvent.Refused(fence, at),
            ["HostLost", ..] => new JobEvent.HostLost(fence, at),
            ["HostReclaimed", ..] => new JobEvent.HostReclaimed(fence),
            ["Cancelled"] => new JobEvent.Cancelled("no longer wanted", at),
            ["Terminated"] => new JobEvent.Terminated("no longer wanted", at),
            ["QueueDeleted"] => new JobEvent.QueueDeleted(at),
            ["TaskRefused"] => new JobEvent.TaskRefused("Container Overrides length must be at most 8192", at),
            ["Blocked"] => new JobEvent.Blocked("ACTION_REQUIRED - CE(s) associated with the job queue are invalid.", AJob.At(1)),
            ["Unblocked"] => new JobEvent.Unblocked(),
            ["Retagged"] => new JobEvent.Retagged(new Dictionary<string, string> { ["team"] = "b" }),
            _ => throw new ArgumentException($"The table names an event that is none: {named}.", nameof(named)),
        };
    }
}
