using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Scheduling;
using OrleansBatch.Core.Tests.Jobs;
using OrleansBatch.Model.JobQueues;

namespace OrleansBatch.Core.Tests.Scheduling;

public sealed class TimeLimitTests
{
    private static readonly JobStateTimeLimitAction[] Actions = [Limit("MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", 900), Limit("MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", 600)];

    public static TheoryData<string?, int, string?, int?> Cases => new()
    {
        { StatusReasons.ExceedsResources, 0, null, 600 },
        { StatusReasons.ExceedsResources, 599, null, 600 },
        { StatusReasons.ExceedsResources, 600, "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", null },
        { StatusReasons.ExceedsResources, 100_000, "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT", null },
        { StatusReasons.ExceedsMaximumVcpus, 600, null, 900 },
        { StatusReasons.ExceedsMaximumVcpus, 900, "Canceled by JobStateTimeLimit action due to reason: MISCONFIGURATION:COMPUTE_ENVIRONMENT_MAX_RESOURCE", null },
        { StatusReasons.EnvironmentsInvalid, 100_000, null, null },
        { StatusReasons.Undetermined, 100_000, null, null },
        { "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENTS - other", 100_000, null, null },
        { null, 100_000, null, null },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_job_that_blocks_its_queue_for_as_long_as_its_reason_allows_is_cancelled(string? reason, int seconds, string? cancelled, int? lookAgain)
    {
        var head = reason is null ? null : new BlockedHead("a", reason, AJob.T0);

        var decision = TimeLimits.Decide(head, Actions, AJob.At(seconds));

        Assert.Equal((cancelled, lookAgain is { } later ? AJob.At(later) : (DateTimeOffset?)null), (decision.CancelReason, decision.LookAgainAt));
        Assert.Equal(new(null, null), TimeLimits.Decide(head, null, AJob.At(seconds)));
    }

    [Fact]
    public void The_clock_starts_anew_with_another_job_and_with_another_reason()
    {
        var first = BlockedHead.Next(null, "a", StatusReasons.ExceedsResources, AJob.At(0));

        Assert.Equal(AJob.At(0), first!.Since);
        Assert.Equal(AJob.At(0), BlockedHead.Next(first, "a", StatusReasons.ExceedsResources, AJob.At(5))!.Since);
        Assert.Equal(AJob.At(5), BlockedHead.Next(first, "b", StatusReasons.ExceedsResources, AJob.At(5))!.Since);
        Assert.Equal(AJob.At(5), BlockedHead.Next(first, "a", StatusReasons.ExceedsMaximumVcpus, AJob.At(5))!.Since);
        Assert.Null(BlockedHead.Next(first, "a", null, AJob.At(5)));
    }

    private static JobStateTimeLimitAction Limit(string reason, int seconds) =>
        new() { Reason = reason, State = "RUNNABLE", MaxTimeSeconds = seconds, Action = "CANCEL" };
}
