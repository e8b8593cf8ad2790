using OrleansBatch.Core.Jobs;
using OrleansBatch.Core.Jobs.MultiNode;
using OrleansBatch.Model;
using OrleansBatch.Model.ConsumableResources;
using OrleansBatch.Model.JobDefinitions;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Tests.Jobs.MultiNode;

public sealed class MultiNodeSubmissionTests
{
    private static readonly NodeRangeProperty Rest = new() { TargetNodes = "1:", Container = AGang.Running("work") };

    private static readonly JobDefinition TwoKinds = AGang.Definition(
        4, main: 0, new() { TargetNodes = "0:0", Container = AGang.Running("lead") with { ResourceRequirements = ADefinition.Needs("2", "1024") } }, Rest);

    public static TheoryData<string, JobDefinition, NodeOverrides> Refused => new()
    {
        { "nodeOverrides is only applicable for a job definition of type multinode.", ADefinition.Running("true"), new() { NumNodes = 2 } },
        { "nodeOverrides.numNodes is 1, it must be above the first node 1 of every node range of the job definition.", TwoKinds, new() { NumNodes = 1 } },
        { "Main node index is out of range, must be less than numNodes.", AGang.Definition(4, main: 3), new() { NumNodes = 3 } },
        {
            "nodeOverrides.numNodes needs a job definition with a node range that is open to the end, such as 0:.",
            AGang.Definition(2, 0, Rest with { TargetNodes = "0:1" }),
            new() { NumNodes = 3 }
        },
        { "targetNodes should contain only digits.", TwoKinds, For("x", new()) },
        { "targetNodes 4 is out of range, node indices must be less than numNodes 4.", TwoKinds, For("4", new()) },
        {
            "nodeOverrides.nodePropertyOverrides.ecsPropertiesOverride is only applicable for nodes with ecsProperties.",
            TwoKinds,
            new() { NodePropertyOverrides = [new() { TargetNodes = "0", EcsPropertiesOverride = new() { TaskProperties = [new()] } }] }
        },
        { "nodeOverrides.nodePropertyOverrides.instanceTypes is only applicable for nodes with ecsProperties.", TwoKinds, new() { NodePropertyOverrides = [new() { TargetNodes = "0", InstanceTypes = ["c5.large"] }] } },
        { "vCPU must be at least 1, got 0.", TwoKinds, For("2", new() { ResourceRequirements = ADefinition.Needs("0") }) },
    };

    public static TheoryData<string, NodeOverrides> BadByThemselves => new()
    {
        { "nodeOverrides.numNodes must be between 1 and 1000, got 1001.", new() { NumNodes = 1001 } },
        { "nodeOverrides.numNodes must be between 1 and 1000, got 0.", new() { NumNodes = 0 } },
        { "nodeOverrides.nodePropertyOverrides: every element needs targetNodes.", new() { NodePropertyOverrides = [new()] } },
        { "nodeOverrides.nodePropertyOverrides can have at most 5 elements, got 6.", new() { NodePropertyOverrides = [.. Enumerable.Repeat(new NodePropertyOverride { TargetNodes = "0" }, 6)] } },
        { "nodeOverrides.nodePropertyOverrides.containerOverrides.command must not contain an empty string.", For("0", new() { Command = [""] }) },
        { "nodeOverrides.nodePropertyOverrides.instanceTypes can have at most 1 element, got 2.", new() { NodePropertyOverrides = [new() { TargetNodes = "0", InstanceTypes = ["a", "b"] }] } },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Overrides_that_do_not_fit_the_definition_are_refused(string text, JobDefinition definition, NodeOverrides overrides) =>
        Assert.Equal(text, Assert.ThrowsAny<BatchClientException>(() => Spec(definition, overrides)).Message);

    [Theory]
    [MemberData(nameof(BadByThemselves))]
    public void Overrides_that_fit_nothing_are_refused_before_anything_is_looked_up(string text, NodeOverrides overrides) =>
        Assert.Equal(text, Assert.Throws<BatchClientException>(() => Submission.Check(ASubmission.Of(TwoKinds) with { NodeOverrides = overrides })).Message);

    [Fact]
    public void A_multi_node_job_is_no_array_and_takes_no_container_overrides()
    {
        Assert.Equal(
            "arrayProperties is not applicable for multi-node parallel jobs.",
            Assert.Throws<BatchClientException>(() => ASubmission.Spec(TwoKinds, request => request with { ArrayProperties = new() { Size = 2 } })).Message);
        Assert.Equal(
            "containerOverrides is only applicable for a job definition with containerProperties.",
            Assert.Throws<BatchClientException>(() => ASubmission.Spec(TwoKinds, request => request.With(new() { Command = ["x"] }))).Message);
    }

    [Fact]
    public void Each_node_runs_what_its_range_says_with_parameters_in_it()
    {
        var spec = Spec(AGang.Definition(3, main: 2));

        Assert.Equal(["mpirun", "a.out"], MultiNodeJobs.OfNode(spec, 1).Container.Command);
        Assert.Equal((new ResourceNeeds { VcpuMillis = 3000, MemoryMiB = 768 }, 3), (spec.Needs, MultiNodeJobs.PartsOf(spec)));
        Assert.Empty(Assert.Single(spec.Nodes!.NodeRangeProperties!).Container!.Environment ?? []);
    }

    [Fact]
    public void A_range_inside_another_one_counts_for_its_nodes()
    {
        var spec = Spec(AGang.Definition(4, 0, Rest with { TargetNodes = "0:" }, new() { TargetNodes = "1:2", Container = AGang.Running("inner") }));

        Assert.Equal(["work", "inner", "inner", "work"], Enumerable.Range(0, 4).Select(node => MultiNodeJobs.OfNode(spec, node).Container.Command![0]));
    }

    [Fact]
    public void The_hosts_of_a_job_hold_what_any_node_needs()
    {
        var spec = Spec(TwoKinds);

        Assert.Equal(new(new() { VcpuMillis = 2000, MemoryMiB = 1024 }, 4), MultiNodeJobs.HostsOf(spec));
        Assert.Equal(new() { VcpuMillis = 5000, MemoryMiB = 1792 }, spec.Needs);
    }

    [Fact]
    public void The_number_of_nodes_of_an_open_range_can_be_overridden()
    {
        var spec = Spec(TwoKinds, new() { NumNodes = 2 });

        Assert.Equal((2, 2), (spec.Nodes!.NumNodes, MultiNodeJobs.HostsOf(spec)!.Value.Nodes));
        Assert.Equal(3, Spec(TwoKinds, new() { NumNodes = 3 }).Nodes!.NumNodes);
        Assert.Equal(9, Spec(TwoKinds, new() { NumNodes = 9 }).Nodes!.NumNodes);
    }

    [Fact]
    public void Overrides_reach_the_nodes_that_they_name_and_no_other()
    {
        var spec = Spec(TwoKinds, new()
        {
            NodePropertyOverrides =
            [
                new() { TargetNodes = "1:2", ContainerOverrides = new() { Command = ["changed"], Environment = [new() { Name = "A", Value = "1" }] } },
                new() { TargetNodes = "2:", ContainerOverrides = new() { Environment = [new() { Name = "A", Value = "2" }] } },
            ],
        });

        Assert.Equal(["lead", "changed", "changed", "work"], Enumerable.Range(0, 4).Select(node => MultiNodeJobs.OfNode(spec, node).Container.Command![0]));
        Assert.Equal([null, "1", "2", "2"], Enumerable.Range(0, 4).Select(node => MultiNodeJobs.OfNode(spec, node).Container.Environment?.Single().Value));
        Assert.Equal(["0", "1", "2", "3"], spec.Nodes!.NodeRangeProperties!.Select(range => range.TargetNodes));
    }

    [Fact]
    public void An_instance_type_comes_from_the_definition_or_an_override()
    {
        var defined = AGang.Definition(2, 0, Rest with { TargetNodes = "0:", Container = Rest.Container! with { InstanceType = "c5.large" } });

        Assert.Equal("c5.large", MultiNodeJobs.HostsOf(Spec(defined))!.Value.InstanceType);
        Assert.Equal("m5.large", MultiNodeJobs.HostsOf(Spec(defined, For("0:", new() { InstanceType = "m5.large" })))!.Value.InstanceType);
    }

    [Fact]
    public void Consumable_resources_are_the_jobs_own_and_each_nodes()
    {
        static ConsumableResourceProperties Of(string name, long quantity) => new() { ConsumableResourceList = [new() { ConsumableResource = name, Quantity = quantity }] };
        var definition = AGang.Definition(3, 0, Rest with { TargetNodes = "0:", ConsumableResourceProperties = Of("licence", 2) }) with { ConsumableResourceProperties = Of("licence", 1) };

        Assert.Equal([("licence", 7L)], Spec(definition).ConsumableResources!.Select(need => (need.ResourceName, need.Quantity)));
    }

    [Fact]
    public void The_main_node_alone_has_the_jobs_timeout()
    {
        var spec = ASubmission.Spec(AGang.Definition(2, main: 1), request => request with { Timeout = new() { AttemptDurationSeconds = 60 } });

        Assert.Null(MultiNodeJobs.OfNode(spec, 0).Timeout);
        Assert.Equal(60, MultiNodeJobs.OfNode(spec, 1).Timeout!.AttemptDurationSeconds);
    }

    [Fact]
    public void A_node_is_told_who_it_is_and_where_the_main_node_is()
    {
        var gang = AGang.Runnable(nodes: 3, main: 1).Placed();
        var job = ASubmission.Record(gang.Job, Spec(AGang.Definition(3, main: 1)));

        var main = Variables(1);
        var other = Variables(2);

        Assert.Equal(($"{AJob.Id}#1", "1", "3", "1"), (main["AWS_BATCH_JOB_ID"], main["AWS_BATCH_JOB_NODE_INDEX"], main["AWS_BATCH_JOB_NUM_NODES"], main["AWS_BATCH_JOB_MAIN_NODE_INDEX"]));
        Assert.DoesNotContain("AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS", main.Keys);
        Assert.Equal(("2", "127.1.0.1"), (other["AWS_BATCH_JOB_NODE_INDEX"], other["AWS_BATCH_JOB_MAIN_NODE_PRIVATE_IPV4_ADDRESS"]));
        Assert.DoesNotContain("AWS_BATCH_JOB_ARRAY_INDEX", other.Keys);

        Dictionary<string, string> Variables(int node) =>
            LaunchOrders.For(ArrayJobs.Child(job, node, 1, gang.Nodes[node]), "EC2", gang.MainNode.Placement!.Address).Environment.ToDictionary();
    }

    [Fact]
    public void A_job_is_described_with_its_nodes_and_a_node_with_its_container()
    {
        var gang = AGang.Runnable(nodes: 3).Placed().Starts(0);
        var job = ASubmission.Record(gang.Job, Spec(AGang.Definition(3)));

        var whole = JobDescriptions.Detail(job);
        var node = JobDescriptions.Detail(ArrayJobs.Child(job, 0, 1, gang.Nodes[0]));

        Assert.Null(whole.Container);
        Assert.Null(whole.ArrayProperties);
        Assert.Null(whole.NodeDetails);
        Assert.Equal(3, whole.NodeProperties!.NumNodes);
        Assert.Null(node.NodeProperties);
        Assert.Equal((0, true), (node.NodeDetails!.NodeIndex, node.NodeDetails.IsMainNode));
        Assert.Equal(("RUNNING", "127.1.0.0"), (node.Status, node.Container!.NetworkInterfaces[0].PrivateIpv4Address));
        Assert.Equal((3, null, null), Summary(JobDescriptions.Summary(job)));
        Assert.Equal((3, 0, true), Summary(JobDescriptions.Summary(ArrayJobs.Child(job, 0, 1, gang.Nodes[0]))));

        static (int?, int?, bool?) Summary(JobSummary job) => (job.NodeProperties!.NumNodes, job.NodeProperties.NodeIndex, job.NodeProperties.IsMainNode);
    }

    [Theory]
    [InlineData(0, 0, "127.1.0.0")]
    [InlineData(1, 0, "127.1.3.232")]
    [InlineData(1, 999, "127.1.7.207")]
    [InlineData(16_646, 0, "127.254.255.112")]
    public void Jobs_that_follow_one_another_have_different_addresses(long sequence, int index, string address) => Assert.Equal(address, NodeAddresses.Of(sequence, index));

    private static NodeOverrides For(string nodes, ContainerOverrides overrides) => new() { NodePropertyOverrides = [new() { TargetNodes = nodes, ContainerOverrides = overrides }] };

    private static JobSpec Spec(JobDefinition definition, NodeOverrides? overrides = null) => ASubmission.Spec(definition, request => request with { NodeOverrides = overrides });
}
