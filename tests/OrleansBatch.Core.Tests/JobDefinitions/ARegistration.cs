using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Tests.JobDefinitions;

/// <summary>Registrations that are right but for what a test changes.</summary>
internal static class ARegistration
{
    public static RegisterJobDefinitionRequest Ec2 { get; } = new()
    {
        JobDefinitionName = "sleep",
        Type = "container",
        ContainerProperties = new()
        {
            Image = "busybox",
            Command = ["sleep", "1"],
            ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "64" }],
        },
    };

    public static RegisterJobDefinitionRequest Fargate { get; } = Ec2 with
    {
        PlatformCapabilities = ["FARGATE"],
        ContainerProperties = Ec2.ContainerProperties! with
        {
            ResourceRequirements = [new() { Type = "VCPU", Value = "1" }, new() { Type = "MEMORY", Value = "2048" }],
            ExecutionRoleArn = "arn:aws:iam::123456789012:role/execution",
        },
    };

    public static RegisterJobDefinitionRequest With(this RegisterJobDefinitionRequest request, Func<ContainerProperties, ContainerProperties> change) =>
        request with { ContainerProperties = change(request.ContainerProperties!) };
}
