using System.Collections.Immutable;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs.MultiNode;

/// <summary>Multi-node jobs, reached the way a job reaches it.</summary>
internal static class AGang
{
    public static readonly DateTimeOffset Now = AJob.At(9);

    public static ContainerProperties Running(params string[] command) =>
        new() { Image = "busybox", Command = command, ResourceRequirements = ADefinition.Needs("1", "256") };

    public static JobDefinition Definition(int nodes, int main = 0, params NodeRangeProperty[] ranges) => ADefinition.Running() with
    {
        Type = "multinode",
        Container = new(),
        Nodes = new()
        {
            NumNodes = nodes,
            MainNode = main,
            NodeRangeProperties = ranges.Length > 0 ? ranges : [new() { TargetNodes = "0:", Container = Running("mpirun", "Ref::program") }],
        },
        Parameters = new Dictionary<string, string> { ["program"] = "a.out" },
    };

    public static Gang Runnable(int nodes = 3, int main = 0)
    {
        var job = JobTransitions.NewGang().Then(new JobEvent.Accepted(HasDependencies: false));
        return new(job, [.. Enumerable.Repeat(job.Unwritten!, nodes)], main);
    }

    public static ImmutableArray<JobPlacement> Places(int nodes, int attempt = 1) =>
        [.. Enumerable.Range(0, nodes).Select(node => AJob.Place($"r-{attempt}-{node}", $"task-{attempt}-{node}") with { Host = $"i-{node}", Address = $"127.1.0.{node}" })];

    public static Gang Placed(this Gang gang, RetryStrategy? strategy = null) =>
        GangMoves.Place(gang, strategy ?? AJob.Attempts(1), Places(gang.Nodes.Length, (int)gang.Job.Fence + 1), Now).Gang;

    public static Gang Happen(this Gang gang, JobEvent happened, RetryStrategy? strategy = null) =>
        GangMoves.Happen(gang, strategy ?? AJob.Attempts(1), [happened], Now).Gang;

    public static Gang ToNode(this Gang gang, int node, JobEvent happened, RetryStrategy? strategy = null) =>
        GangMoves.HappenToNode(gang, strategy ?? AJob.Attempts(1), node, [happened], Now).Gang;

    public static Gang Starts(this Gang gang, int node, RetryStrategy? strategy = null) => gang.ToNode(node, new JobEvent.Started(gang.Nodes[node].Fence, AJob.At(1)), strategy);

    public static Gang Exits(this Gang gang, int node, int code, RetryStrategy? strategy = null, int at = 5) =>
        gang.ToNode(node, new JobEvent.Exited(gang.Nodes[node].Fence, code, null, AJob.At(1), AJob.At(at)), strategy);

    public static IEnumerable<JobStatus> Statuses(this Gang gang) => gang.Nodes.Select(node => node.Status);
}
