namespace OrleansBatch.Chaos.Tests;

/// <summary>The chaos run in short. It runs beside other tests: no time of it is judged, only what must hold.</summary>
public sealed class ChaosSmokeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_minute_and_a_half_of_faults_under_load_loses_and_doubles_nothing()
    {
        // A cluster needs PostgreSQL; without it the scheduler of one machine is what can be had.
        var (silos, agents) = ChaosRun.WhyNoCluster is null ? (3, 3) : (1, 0);
        var result = await ChaosRun.RunAsync(
            new() { Seed = 1, Time = TimeSpan.FromSeconds(90), Jobs = 500, Silos = silos, Agents = agents, Lease = TimeSpan.FromSeconds(10) },
            output.WriteLine,
            TestContext.Current.CancellationToken);
        output.WriteLine(result.Report());
        // A fault that never struck is among them.
        Assert.True(result.Violations.Count == 0, result.Report());
        Assert.True(result.Starts >= 500, $"Only {result.Starts} processes started.");
        Assert.True(result.Struck.Count >= 6, $"Only {result.Struck.Count} faults struck.");
        Assert.True(result.Struck.Select(fault => fault.Kind).Distinct().Count() >= 4, "Faults of fewer than four kinds struck.");
    }
}
