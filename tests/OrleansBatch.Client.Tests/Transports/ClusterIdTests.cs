using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests.Transports;

public sealed class ClusterIdTests
{
    private const string ClusterId = "Other-1";

    [Theory]
    [InlineData("mine", "queues", "--cluster-id", "mine")]
    [InlineData("mine", "--cluster-id=mine", "queues")]
    [InlineData("env", "run", "--", "x", "--cluster-id", "the-jobs-own")]
    [InlineData("env", "queues")]
    public void It_is_found_before_the_command_line_is_read_for_good(string expected, params string[] arguments) =>
        Assert.Equal(expected, EarlyGateway.LookForCluster(arguments, name => name == "ORLEANSBATCH_CLUSTER_ID" ? "env" : null));

    [Fact]
    public void A_cluster_is_the_default_one_where_nothing_is_said() => Assert.Equal("orleansbatch", EarlyGateway.LookForCluster(["queues"], _ => null));

    [Theory]
    [InlineData("")]
    [InlineData("two words")]
    [InlineData("a_b")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public async Task What_no_silo_would_take_is_refused_by_its_name(string id)
    {
        var surroundings = new Surroundings();

        var code = await ConsoleProgram.RunAsync(["queues", "--gateway", "127.0.0.1:1", "--cluster-id", id], surroundings.Terminal);

        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains($"'{id}' is not the id of a cluster", surroundings.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gateway_of_another_cluster_is_reached_by_its_id()
    {
        Assert.SkipWhen(PostgresServer.WhyMissing is not null, PostgresServer.WhyMissing ?? "");
        var folder = Directory.CreateTempSubdirectory("orleansbatch-cluster-").FullName;
        await using var server = await PostgresServer.StartAsync();
        var database = new Dictionary<string, string> { ["OrleansBatch__Database"] = server.ConnectionString };
        await using var silo = await SiloProcess.StartAsync(Path.Combine(folder, "data"), database, "--cluster-id", ClusterId);

        var byOption = await ConsoleProcess.RunAsync(new Dictionary<string, string>(), "environments", "create", "there", "--type", "UNMANAGED", "--gateway", silo.Gateway, "--cluster-id", ClusterId);
        var byVariable = await ConsoleProcess.RunAsync(
            new Dictionary<string, string> { ["ORLEANSBATCH_GATEWAY"] = silo.Gateway, ["ORLEANSBATCH_CLUSTER_ID"] = ClusterId }, "environments");

        Assert.True(byOption.ExitCode == ExitCodes.Done, byOption.Error);
        Assert.Contains("there", byVariable.Out, StringComparison.Ordinal);
        await silo.KillAsync();
        Directory.Delete(folder, recursive: true);
    }
}
