using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using OrleansBatch.Agent.Telemetry;
using OrleansBatch.Model.Jobs;
using OrleansBatch.Model.Nodes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent.Tests.Telemetry;

public sealed class AttemptTracesTests : IDisposable
{
    private const string NodeId = "i-0123456789abcdef0";
    private static readonly DateTimeOffset Ordered = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly DateTimeOffset Up = Ordered.AddSeconds(1);
    private static readonly DateTimeOffset StartHeard = Ordered.AddSeconds(2);
    private static readonly DateTimeOffset Ended = Ordered.AddSeconds(30);
    private static readonly DateTimeOffset EndHeard = Ordered.AddSeconds(31);
    private static readonly DateTimeOffset Acknowledged = Ordered.AddSeconds(40);

    private readonly FakeTimeProvider _time = new(Ordered);
    private readonly SpanListener _listener = new();
    private readonly AttemptTraces _traces;

    public AttemptTracesTests() => _traces = new(NodeId, _time);

    private AttemptId Attempt => new(_listener.JobId, 7);

    public void Dispose() => _listener.Dispose();

    [Fact]
    public void An_attempt_tells_of_its_launch_its_run_and_its_reports_in_its_jobs_trace()
    {
        _traces.Ordered(Attempt);
        _time.SetUtcNow(StartHeard);
        _traces.Heard(Fact());
        _time.SetUtcNow(EndHeard);
        _traces.Heard(EndFact());
        _time.SetUtcNow(Acknowledged);
        _traces.Acknowledged(EndReport());

        AssertTold(Assert.Single(_listener.Named("agent.launch")), Ordered, Up);
        AssertTold(Assert.Single(_listener.Named("agent.run")), Up, Ended);
        AssertTold(Assert.Single(_listener.Named("agent.report")), EndHeard, Acknowledged);
        Assert.Equal(3, Assert.Single(_listener.Named("agent.run")).GetTagItem("orleansbatch.attempt.exit_code"));
    }

    [Fact]
    public void A_start_and_an_end_that_are_acknowledged_apart_are_two_reports()
    {
        _traces.Ordered(Attempt);
        _time.SetUtcNow(StartHeard);
        _traces.Heard(Fact());
        _traces.Acknowledged(EndReport() with { Outcome = AttemptOutcome.Started, StoppedAt = null, ExitCode = null });
        _time.SetUtcNow(EndHeard);
        _traces.Heard(EndFact());
        _time.SetUtcNow(Acknowledged);
        _traces.Acknowledged(EndReport());

        Assert.Equal(["Started", "Exited"], _listener.Named("agent.report").Select(span => span.GetTagItem("orleansbatch.attempt.outcome")));
        Assert.Single(_listener.Named("agent.launch"));
        Assert.Single(_listener.Named("agent.run"));
    }

    [Fact]
    public void What_is_ordered_heard_and_acknowledged_again_is_told_once()
    {
        _traces.Ordered(Attempt);
        _time.SetUtcNow(StartHeard);
        _traces.Ordered(Attempt);
        _traces.Heard(Fact());
        _traces.Heard(Fact());
        _time.SetUtcNow(EndHeard);
        _traces.Heard(EndFact());
        _time.SetUtcNow(Acknowledged);
        _traces.Heard(EndFact());
        _traces.Acknowledged(EndReport());
        _traces.Acknowledged(EndReport());

        Assert.Equal(["agent.launch", "agent.report", "agent.run"], _listener.Spans.Select(span => span.OperationName).Order());
        AssertTold(Assert.Single(_listener.Named("agent.launch")), Ordered, Up);
        AssertTold(Assert.Single(_listener.Named("agent.report")), EndHeard, Acknowledged);
    }

    [Fact]
    public void An_agent_that_was_started_anew_tells_of_what_it_adopted_but_not_when_its_order_came()
    {
        _time.SetUtcNow(EndHeard);
        _traces.Heard(EndFact());
        _time.SetUtcNow(Acknowledged);
        _traces.Acknowledged(EndReport());

        Assert.Empty(_listener.Named("agent.launch"));
        AssertTold(Assert.Single(_listener.Named("agent.run")), Up, Ended);
        AssertTold(Assert.Single(_listener.Named("agent.report")), EndHeard, Acknowledged);
    }

    [Fact]
    public void A_launch_that_failed_says_why_and_has_no_run()
    {
        _traces.Ordered(Attempt);
        _time.SetUtcNow(EndHeard);
        _traces.Heard(new() { Job = Attempt.JobId, Fence = Attempt.Fence, Reservation = "r", Environment = "e", Phase = AttemptPhase.Ended, End = AttemptEnd.FailedToStart, Reason = "no such file" });
        _traces.Acknowledged(EndReport() with { Outcome = AttemptOutcome.FailedToStart, StartedAt = null, StoppedAt = null, ExitCode = null });

        var launch = Assert.Single(_listener.Named("agent.launch"));
        AssertTold(launch, Ordered, EndHeard);
        Assert.Equal("no such file", launch.GetTagItem("orleansbatch.attempt.reason"));
        Assert.Empty(_listener.Named("agent.run"));
    }

    [Fact]
    public async Task A_real_agent_tells_all_three()
    {
        await using var rig = await AgentRig.StartAsync();

        _ = await rig.RunAsync(rig.Order(_listener.JobId, "exit 3"));

        await Eventually.True(() => _listener.Named("agent.report").Any(span => Equals(span.GetTagItem("orleansbatch.attempt.outcome"), "Exited")));
        Assert.Single(_listener.Named("agent.launch"));
        Assert.Equal(3, Assert.Single(_listener.Named("agent.run")).GetTagItem("orleansbatch.attempt.exit_code"));
        Assert.All(_listener.Spans, span => Assert.Equal(rig.Agent.NodeId, span.GetTagItem("orleansbatch.node.id")));
    }

    [Fact]
    public async Task A_report_that_had_to_be_repeated_is_one_span()
    {
        await using var rig = await AgentRig.StartAsync();
        rig.Session.IsAway = true;

        var attempt = await rig.LaunchAsync(rig.Order(_listener.JobId, "exit 3"));
        await Eventually.True(() => rig.Session.Reports.Count(report => report.Attempt == attempt && report.Outcome == AttemptOutcome.Exited) > 1);
        Assert.Empty(_listener.Named("agent.report"));
        rig.Session.IsAway = false;

        await Eventually.True(() => _listener.Named("agent.report").Length > 0);
        Assert.Single(_listener.Named("agent.report"));
    }

    private AttemptFact Fact() => new()
    {
        Job = Attempt.JobId,
        Fence = Attempt.Fence,
        Reservation = "r",
        Environment = "e",
        Phase = AttemptPhase.Running,
        StartedAt = Up.ToUnixTimeMilliseconds(),
    };

    private AttemptFact EndFact() => Fact() with { Phase = AttemptPhase.Ended, End = AttemptEnd.Exited, ExitCode = 3, StoppedAt = Ended.ToUnixTimeMilliseconds() };

    private AttemptReport EndReport() => new()
    {
        Attempt = Attempt,
        ReservationId = "r",
        EnvironmentKey = "e",
        Outcome = AttemptOutcome.Exited,
        StartedAt = Up,
        StoppedAt = Ended,
        ExitCode = 3,
    };

    private void AssertTold(Activity span, DateTimeOffset from, DateTimeOffset to)
    {
        var trace = JobTraces.ContextOf(Attempt.JobId)!.Value;
        Assert.Equal((trace.TraceId, trace.SpanId), (span.TraceId, span.ParentSpanId));
        Assert.Equal((from.UtcDateTime, to.UtcDateTime), (span.StartTimeUtc, span.StartTimeUtc + span.Duration));
        Assert.Equal((Attempt.Fence, NodeId), (span.GetTagItem("orleansbatch.attempt.fence"), span.GetTagItem("orleansbatch.node.id")));
    }
}
