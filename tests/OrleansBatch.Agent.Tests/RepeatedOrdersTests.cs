using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests;

/// <summary>Orders that come twice, late, and after those that were given later, as seeds say.</summary>
public sealed class RepeatedOrdersTests
{
    private const string Wanted = "ORLEANSBATCH_SEEDS";

    /// <summary>Three, or as many as the variable says.</summary>
    public static TheoryData<int> Seeds =>
        [.. Enumerable.Range(1, int.TryParse(Environment.GetEnvironmentVariable(Wanted), out var count) ? count : 3)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Each_attempt_is_started_once_and_what_was_stopped_before_its_launch_never(int seed)
    {
        var random = new Random(seed);
        await using var rig = await AgentRig.StartAsync();
        List<LaunchOrder> given = [];
        List<AttemptId> stopped = [];
        for (var n = 0; n < 12; n++)
        {
            var (job, fence) = ($"job-{random.Next(4)}", n + 1L);
            var order = rig.Order(job, $"echo {fence} >> {rig.PathTo("witness")}") with { Attempt = new(job, fence) };
            if (random.Next(4) == 0)
            {
                await rig.StopAsync(order.Attempt);
                stopped.Add(order.Attempt);
            }

            given.Add(order);
            await rig.LaunchAsync(order);
            _ = await rig.Session.Ended(order.Attempt);

            // Also those before it, which newer attempts of the same job may have followed.
            var again = given.Where(_ => random.Next(3) == 0).OrderBy(_ => random.Next()).ToList();
            if (again.Count > 0)
            {
                await rig.LaunchAsync([.. again]);
            }
        }

        await rig.Agent.WhenIdleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            given.Select(order => order.Attempt).Except(stopped).Select(attempt => $"{attempt.Fence}"),
            rig.Witnesses("witness"));
    }
}
