using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Api.Tests;

/// <summary>Hosts, and why a job is where it is, on our own part of the API.</summary>
public sealed class CapacityTests
{
    private static readonly HostDetail Host = new()
    {
        HostId = "i-1",
        InstanceType = "m5.large",
        PurchaseOption = "SPOT",
        State = "ACTIVE",
        Vcpus = 2,
        MemoryMiB = 7955,
        UsedVcpus = 0.5m,
        UsedMemoryMiB = 64,
        Jobs = 1,
        LaunchedAt = 5,
        ReadyAt = 6,
        LaunchReason = "cheapest",
        UsdPerHour = 0.04m,
        CostUsd = 0.01m,
    };

    [Fact]
    public async Task A_get_lists_the_hosts_of_an_environment()
    {
        await using var server = await ABatchServer.StartAsync(_ => new ListHostsResponse { ComputeEnvironment = "e", Hosts = [Host], NextToken = "next", CostUsd = 1.5m });

        var answer = await server.SendAsync(HttpMethod.Get, "/api/compute-environments/e/hosts?history=false&maxResults=7&nextToken=5:i-2", null);

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            """{"computeEnvironment":"e","hosts":[{"hostId":"i-1","instanceType":"m5.large","purchaseOption":"SPOT","state":"ACTIVE","vcpus":2,"memoryMiB":7955,"usedVcpus":0.5,"usedMemoryMiB":64,"jobs":1,"launchedAt":5,"readyAt":6,"launchReason":"cheapest","usdPerHour":0.04,"costUsd":0.01}],"nextToken":"next","costUsd":1.5}""",
            answer.Body);
        Assert.Equal(
            new ListHostsRequest { ComputeEnvironment = "e", History = false, MaxResults = 7, NextToken = "5:i-2" },
            server.Grains.TheCall.Request);
    }

    [Fact]
    public async Task A_get_explains_where_a_job_is()
    {
        await using var server = await ABatchServer.StartAsync(_ => new PlacementExplanation
        {
            JobId = "j",
            Status = "RUNNABLE",
            Explanation = "It waits.",
            Environments = [new() { ComputeEnvironment = "e", Outlook = "BUSY", Reason = "busy", WouldHelp = ["more"] }],
        });

        var answer = await server.SendAsync(HttpMethod.Get, "/api/jobs/j/placement", null);

        Assert.Equal(
            (200, """{"jobId":"j","status":"RUNNABLE","explanation":"It waits.","environments":[{"computeEnvironment":"e","outlook":"BUSY","reason":"busy","wouldHelp":["more"]}]}"""),
            (answer.Status, answer.Body));
        Assert.Equal("j", server.Grains.TheCall.Request);
    }

    [Fact]
    public async Task A_post_takes_a_host_back()
    {
        await using var server = await ABatchServer.StartAsync(_ => Host);

        var answer = await server.SendAsync(HttpMethod.Post, "/api/hosts/i-1/interrupt", null);

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("""{"hostId":"i-1",""", answer.Body, StringComparison.Ordinal);
        Assert.Equal(("InterruptHost", "i-1"), (server.Grains.TheCall.Method, server.Grains.TheCall.Request));
    }

    [Theory]
    [InlineData("GET", "/api/hosts/i-1/interrupt", 405)]
    [InlineData("GET", "/api/compute-environments/e/hosts?maxResults=x", 400)]
    [InlineData("GET", "/api/compute-environments/e/hosts?history=perhaps", 400)]
    [InlineData("PUT", "/api/compute-environments/e/hosts", 405)]
    [InlineData("DELETE", "/api/jobs/j/placement", 405)]
    public async Task What_is_no_such_request_is_refused(string method, string path, int status)
    {
        await using var server = await ABatchServer.StartAsync(_ => EmptyAnswer.Instance);

        var answer = await server.SendAsync(new(method), path, null);

        Assert.Equal((status, "ClientException"), (answer.Status, answer.ErrorType));
        Assert.Empty(server.Grains.Calls);
    }
}
