using OrleansBatch.Core.JobDefinitions;
using OrleansBatch.Model;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Tests.JobDefinitions;

public sealed class NodeRulesTests
{
    private static readonly RegisterJobDefinitionRequest Good = Multinode(new NodeRangeProperty { TargetNodes = "0:", Container = Container() });

    private static readonly NodeRangeProperty All = Good.NodeProperties!.NodeRangeProperties![0];

    public static TheoryData<string, RegisterJobDefinitionRequest> Refused => new()
    {
        { "nodeProperties is required for a job definition of type multinode.", Good with { NodeProperties = null } },
        { "A job definition of type multinode has nodeProperties and none of containerProperties, ecsProperties and eksProperties.", Good with { ContainerProperties = Container() } },
        { "nodeProperties is not applicable for Fargate.", Good with { PlatformCapabilities = ["FARGATE"] } },
        { "Number of nodes must be between 1 and 1000.", With(nodes => nodes with { NumNodes = 0 }) },
        { "Number of nodes must be between 1 and 1000.", With(nodes => nodes with { NumNodes = 1001 }) },
        { "Number of nodes must be between 1 and 1000.", With(nodes => nodes with { NumNodes = null }) },
        { "mainNode is required.", With(nodes => nodes with { MainNode = null }) },
        { "Main node index is out of range, must be less than numNodes.", With(nodes => nodes with { MainNode = 4 }) },
        { "Main node index is out of range, must be less than numNodes.", With(nodes => nodes with { MainNode = -1 }) },
        { "nodeRangeProperties must have at least 1 node range.", With(nodes => nodes with { NodeRangeProperties = [] }) },
        { "Maximum allowed size of node range properties is 5", Multinode([.. Enumerable.Repeat(All, 6)]) },
        { "targetNodes is required for each node range.", Multinode(All with { TargetNodes = null }) },
        { "targetNodes should contain only digits.", Multinode(All with { TargetNodes = "a:" }) },
        { "targetNodes should contain only digits.", Multinode(All with { TargetNodes = "-1:3" }) },
        { "targetNodes should contain only digits.", Multinode(All with { TargetNodes = "0:1:2" }) },
        { "targetNodes 0:4 is out of range, node indices must be less than numNodes 4.", Multinode(All with { TargetNodes = "0:4" }) },
        { "targetNodes 2:1 is not valid: the first index must not be above the last.", Multinode(All with { TargetNodes = "2:1" }) },
        { "nodeRangeProperties must cover all nodes from 0 to 3: node 2 is in no range.", Multinode(All with { TargetNodes = ":1" }, All with { TargetNodes = "3" }) },
        { "Node ranges 0:2 and 1:3 overlap: a range may only be inside another one.", Multinode(All with { TargetNodes = "0:2" }, All with { TargetNodes = "1:3" }) },
        { "Node range 0:3 is given twice.", Multinode(All, All with { TargetNodes = "0:3" }) },
        { "Must specify container for node range 0:", Multinode(All with { Container = null }) },
        { "NodeRangeProperties can not use both ecsProperties and container fields", Multinode(All with { EcsProperties = new() { TaskProperties = [ATask.InitAndApp] } }) },
        { "Using instanceTypes with nodeRangeProperty is only allowed for ecsProperties jobs.", Multinode(All with { InstanceTypes = ["c5.large"] }) },
        {
            "All nodes of a job must use the same instanceType, got c5.large, m5.large.",
            Multinode(
                new() { TargetNodes = "0", Container = Container() with { InstanceType = "c5.large" } },
                new() { TargetNodes = "1:", Container = Container() with { InstanceType = "m5.large" } })
        },
        { "vCPU is required.", Multinode(All with { Container = new() { Image = "busybox" } }) },
        { "Container image is required.", Multinode(All with { Container = Container() with { Image = null } }) },
        { "eksProperties is not available yet.", Multinode(All with { Container = null, EksProperties = new("""{"podProperties":{"hostNetwork":true}}""") }) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Nodes_that_break_a_rule_are_refused_with_the_services_text(string text, RegisterJobDefinitionRequest request) =>
        Assert.Equal(text, Assert.Throws<ValidationException>(() => DefinitionRules.Register(request, 1)).Message);

    [Fact]
    public void Nodes_are_given_back_as_they_were_registered()
    {
        var definition = DefinitionRules.Register(Good, 1);

        var described = DefinitionRules.Describe(new("123456789012", "eu-west-1"), definition);

        Assert.Equal(("multinode", 4, 1), (described.Type, described.NodeProperties!.NumNodes, described.NodeProperties.MainNode));
        var range = Assert.Single(described.NodeProperties.NodeRangeProperties!);
        Assert.Equal(("0:", "busybox"), (range.TargetNodes, range.Container!.Image));
        Assert.Empty(range.Container.Volumes!);
        Assert.Null(described.ContainerProperties);
    }

    [Fact]
    public void A_range_inside_another_one_and_one_instance_type_are_allowed() => DefinitionRules.Check(Multinode(
        new() { TargetNodes = ":", Container = Container() with { InstanceType = "c5.large" } },
        new() { TargetNodes = "1:2", Container = Container() }));

    private static ContainerProperties Container() => ARegistration.Ec2.ContainerProperties!;

    private static RegisterJobDefinitionRequest Multinode(params NodeRangeProperty[] ranges) => new()
    {
        JobDefinitionName = "mpi",
        Type = "multinode",
        NodeProperties = new() { NumNodes = 4, MainNode = 1, NodeRangeProperties = ranges },
    };

    private static RegisterJobDefinitionRequest With(Func<NodeProperties, NodeProperties> change) => Good with { NodeProperties = change(Good.NodeProperties!) };
}
