using OrleansBatch.Testing;

namespace OrleansBatch.Client.Tests;

public abstract partial class ConsoleSuite
{
    [Fact]
    public async Task A_multi_node_job_is_run_with_the_lines_of_all_nodes_and_the_exit_code_of_the_main_one()
    {
        var definition = await RegisterNodesAsync("echo node $AWS_BATCH_JOB_NODE_INDEX; [ $AWS_BATCH_JOB_NODE_INDEX = 1 ] && exit 3; sleep 1; exit 7");

        var ran = await ConsoleAsync("run", "--queue", SchedulerFixture.Roomy, "--definition", definition);

        Assert.Equal(7, ran.ExitCode);
        Assert.Equal(["[0] node 0", "[1] node 1"], ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task A_multi_node_job_that_is_tried_again_is_followed_through_both_attempts()
    {
        var definition = await RegisterNodesAsync(
            "echo node $AWS_BATCH_JOB_NODE_INDEX attempt $AWS_BATCH_JOB_ATTEMPT; [ $AWS_BATCH_JOB_NODE_INDEX = 1 ] && exit 0; sleep 1; exit $((2 - AWS_BATCH_JOB_ATTEMPT))");

        var ran = await ConsoleAsync("run", "--queue", SchedulerFixture.Roomy, "--definition", definition, "--attempts", "2");

        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(
            ["[0] node 0 attempt 1", "[0] node 0 attempt 2", "[1] node 1 attempt 1", "[1] node 1 attempt 2"],
            ran.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Nodes_are_listed_described_and_read_each_for_itself()
    {
        var definition = await RegisterNodesAsync("echo node $AWS_BATCH_JOB_NODE_INDEX; [ $AWS_BATCH_JOB_NODE_INDEX = 1 ] && exit 3; sleep 1");
        var job = (await ConsoleAsync("submit", "--queue", SchedulerFixture.Roomy, "--definition", definition)).Out.Trim();
        Assert.Equal(0, (await ConsoleAsync("wait", job)).ExitCode);

        Assert.Matches($@"{job}#0 +0 main +SUCCEEDED +0 .*\n{job}#1 +1 +FAILED +3 ", (await ConsoleAsync("jobs", "--nodes", job)).Out);
        Assert.Matches(@"\nNodes +2, the main one is 0\n(?s:.*)\n0: +host +VCPU 1, MEMORY 64 +/bin/sh", (await ConsoleAsync("describe", job)).Out);
        Assert.Matches(@"\nNode +1\n(?s:.*)Address +127\.", (await ConsoleAsync("describe", $"{job}#1")).Out);
        Assert.Equal(new(0, "node 1\n", ""), await ConsoleAsync("logs", $"{job}#1"));
        Assert.Equal(["[0] node 0", "[1] node 1"], (await ConsoleAsync("logs", job)).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Fact]
    public async Task Children_and_nodes_are_not_listed_together_and_nodes_are_filtered_by_their_status_alone()
    {
        var id = Guid.NewGuid().ToString();

        AssertFailed(await ConsoleAsync("jobs", "--nodes", id, "--array", id), 2, "Could not list the jobs.", "do not go together", "jobs --help");
        AssertFailed(await ConsoleAsync("jobs", "--nodes", id, "--name", "x"), 2, "Could not list the jobs.", "--nodes goes together with --status and --limit alone", "jobs --help");
    }

    private async Task<string> RegisterNodesAsync(string script)
    {
        var name = $"nodes-{Guid.NewGuid():N}";
        using var client = new BatchClient(Scheduler.Silo.Endpoint);
        _ = await client.CallAsync("RegisterJobDefinition", new
        {
            jobDefinitionName = name,
            type = "multinode",
            nodeProperties = new
            {
                numNodes = 2,
                mainNode = 0,
                nodeRangeProperties = new[]
                {
                    new
                    {
                        targetNodes = "0:",
                        container = new
                        {
                            image = "host",
                            command = new[] { "/bin/sh", "-c", script },
                            resourceRequirements = new[] { new { type = "VCPU", value = "1" }, new { type = "MEMORY", value = "64" } },
                        },
                    },
                },
            },
        });
        return name;
    }
}
