using OrleansBatch.Core.ComputeEnvironments;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Tests.ComputeEnvironments;

/// <summary>Environments that are right but for what a test changes.</summary>
internal static class AnEnvironment
{
    public static Scope Scope { get; } = new("123456789012", "eu-west-1");

    public static CreateComputeEnvironmentRequest Ec2 { get; } = new()
    {
        ComputeEnvironmentName = "ce",
        Type = "MANAGED",
        ComputeResources = new()
        {
            Type = "EC2",
            MinvCpus = 0,
            MaxvCpus = 16,
            InstanceTypes = ["optimal"],
            InstanceRole = "ecsInstanceRole",
            Subnets = ["subnet-1"],
            SecurityGroupIds = ["sg-1"],
        },
    };

    public static CreateComputeEnvironmentRequest Spot { get; } =
        Ec2.With(r => r with { Type = "SPOT", AllocationStrategy = "SPOT_CAPACITY_OPTIMIZED" });

    public static CreateComputeEnvironmentRequest Fargate { get; } = Ec2 with
    {
        ComputeResources = new() { Type = "FARGATE", MaxvCpus = 16, Subnets = ["subnet-1"], SecurityGroupIds = ["sg-1"] },
    };

    public static CreateComputeEnvironmentRequest Unmanaged { get; } = new() { ComputeEnvironmentName = "ce", Type = "UNMANAGED" };

    public static CreateComputeEnvironmentRequest With(this CreateComputeEnvironmentRequest request, Func<ComputeResource, ComputeResource> change) =>
        request with { ComputeResources = change(request.ComputeResources!) };

    public static ComputeEnvironmentConfiguration Created(this CreateComputeEnvironmentRequest request) =>
        ComputeEnvironmentRules.Create(request, Scope, "0e1f");
}
