using OrleansBatch.Core.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;
using static OrleansBatch.Core.Jobs.JobEvent;
using static OrleansBatch.Model.Jobs.JobStatus;

namespace OrleansBatch.Core.Tests.Jobs;

public sealed class RetryTests
{
    private static readonly EvaluateOnExit OnHostLoss = new() { OnStatusReason = "Host EC2*", Action = "RETRY" };

    private static readonly EvaluateOnExit ElseExit = new() { OnReason = "*", Action = "EXIT" };

    [Theory]
    // No rule: as often as there are attempts.
    [InlineData(3, null, null, null, null, 1, Runnable)]
    [InlineData(1, null, null, null, null, 1, Failed)]
    // Exit codes: whole, by prefix, and none at all.
    [InlineData(3, "137", null, null, "exit", 137, Failed)]
    [InlineData(3, "13*", null, null, "exit", 137, Failed)]
    [InlineData(3, "13*", null, null, "exit", 13, Failed)]
    [InlineData(3, "13*", null, null, "exit", 1, Runnable)]
    [InlineData(3, "13", null, null, "exit", 137, Runnable)]
    [InlineData(3, "*", null, null, "exit", null, Runnable)]
    // A missing reason is empty text, which the catch-all matches.
    [InlineData(3, null, "*", null, "exit", 1, Failed)]
    [InlineData(3, null, "Out*", null, "exit", 1, Runnable)]
    [InlineData(3, null, null, "Essential container*", "exit", 1, Failed)]
    [InlineData(3, null, null, "Essential container in task exited", "EXIT", 1, Failed)]
    [InlineData(3, null, null, "essential container*", "exit", 1, Runnable)]
    [InlineData(3, null, null, "Essential container", "exit", 1, Runnable)]
    // All conditions of a rule must match.
    [InlineData(3, "1", "*", "Essential*", "exit", 1, Failed)]
    [InlineData(3, "2", "*", "Essential*", "exit", 1, Runnable)]
    // A rule cannot give more attempts than there are.
    [InlineData(1, null, "*", null, "retry", 1, Failed)]
    [InlineData(2, null, "*", null, "Retry", 1, Runnable)]
    public void The_first_rule_that_matches_decides(
        int attempts, string? onExitCode, string? onReason, string? onStatusReason, string? action, int? exitCode, JobStatus expected)
    {
        EvaluateOnExit[] rules = action is null
            ? []
            : [new() { OnExitCode = onExitCode, OnReason = onReason, OnStatusReason = onStatusReason, Action = action }];

        var job = AJob.In(Running).Then(AJob.Attempts(attempts, rules), new Exited(1, exitCode, null, null, AJob.At(3)));

        Assert.Equal(expected, job.Status);
    }

    [Fact]
    public void Rules_are_tried_from_top_to_bottom()
    {
        var exit = new Exited(1, 1, null, null, AJob.At(3));
        var retryFirst = AJob.Attempts(3, new() { OnExitCode = "1", Action = "retry" }, ElseExit);
        var exitFirst = AJob.Attempts(3, ElseExit, new() { OnExitCode = "1", Action = "retry" });

        Assert.Equal(Runnable, AJob.In(Running).Then(retryFirst, exit).Status);
        Assert.Equal(Failed, AJob.In(Running).Then(exitFirst, exit).Status);
    }

    [Fact]
    public void A_lost_host_is_matched_by_its_reason()
    {
        var strategy = AJob.Attempts(3, OnHostLoss, ElseExit);

        Assert.Equal(Runnable, AJob.In(Running).Then(strategy, new HostLost(1, AJob.At(3))).Status);
        Assert.Equal(Failed, AJob.In(Running).Then(strategy, new Exited(1, 1, null, null, AJob.At(3))).Status);
    }

    [Fact]
    public void A_start_that_failed_is_matched_by_its_reason()
    {
        var strategy = AJob.Attempts(3, new EvaluateOnExit { OnStatusReason = "Task failed to start", Action = "exit" });

        Assert.Equal(Failed, AJob.In(Starting).Then(strategy, new FailedToStart(1, "DockerTimeoutError: late", AJob.At(3))).Status);
    }

    [Fact]
    public void A_time_out_is_never_tried_again()
    {
        var job = AJob.In(Running).Then(AJob.Attempts(3, new EvaluateOnExit { OnReason = "*", Action = "retry" }), new TimedOut(1, 137, null, AJob.At(61)));

        Assert.Equal((Failed, "Job attempt duration exceeded timeout"), (job.Status, job.StatusReason));
    }

    [Theory]
    [InlineData("RetryAttempts must be provided with retry strategy.", null)]
    [InlineData("RetryAttempts must be between 1 and 10, got 0.", 0)]
    [InlineData("RetryAttempts must be between 1 and 10, got 11.", 11)]
    public void Attempts_are_1_to_10_and_must_be_given(string expected, int? attempts) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => RetryRules.Check(new RetryStrategy { Attempts = attempts })).Message);

    public static TheoryData<string, EvaluateOnExit> BadRules() => new()
    {
        { "EvaluateOnExit should contain at least one of onExitCode, onReason or onStatusReason", new() { Action = "RETRY" } },
        { "EvaluateOnExit action must be RETRY or EXIT, got 'AGAIN'.", new() { OnReason = "*", Action = "AGAIN" } },
        { "EvaluateOnExit action must be RETRY or EXIT, got ''.", new() { OnReason = "*" } },
        { "Evaluate on exit condition cannot exceed 512 characters.", new() { OnReason = new string('x', 513), Action = "EXIT" } },
        { "Evaluate on exit condition contains restricted characters.", new() { OnExitCode = "1x", Action = "EXIT" } },
        { "Evaluate on exit condition contains restricted characters.", new() { OnExitCode = "1*3", Action = "EXIT" } },
        { "Evaluate on exit condition contains restricted characters.", new() { OnStatusReason = "*CapacityError*", Action = "EXIT" } },
    };

    [Theory]
    [MemberData(nameof(BadRules))]
    public void A_rule_that_breaks_one_is_refused(string expected, EvaluateOnExit rule) =>
        Assert.Equal(expected, Assert.Throws<BatchClientException>(() => RetryRules.Check(AJob.Attempts(2, rule))).Message);

    [Fact]
    public void What_real_clients_send_is_allowed()
    {
        RetryRules.Check(null);
        RetryRules.Check(AJob.Attempts(10, OnHostLoss, ElseExit, new() { OnExitCode = "*", Action = "retry" }, new() { OnReason = "Docker (a-b): c.", Action = "Exit" }));
        RetryRules.Check(AJob.Attempts(1, [.. Enumerable.Repeat(ElseExit, 5)]));
        Assert.Throws<BatchClientException>(() => RetryRules.Check(AJob.Attempts(1, [.. Enumerable.Repeat(ElseExit, 6)])));
    }

    [Fact]
    public void The_strategy_in_force_has_attempts_and_actions_in_lower_case()
    {
        Assert.Equal(1, RetryRules.InForce(null).Attempts);
        Assert.Equal([], RetryRules.InForce(null).EvaluateOnExit!);
        Assert.Equal(["retry", "exit"], RetryRules.InForce(AJob.Attempts(2, OnHostLoss, ElseExit)).EvaluateOnExit!.Select(rule => rule.Action));
    }
}
