using System.Globalization;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Core.Capacity.Scaling;

/// <summary>What capacity says to people, and to clients.</summary>
public static class Reasons
{
    /// <summary>The status reason of a job that blocks its queue because hosts are not to be had. Clients match on it: never reword it.</summary>
    /// <remarks>Source: AWS Batch user guide, "Jobs stuck in RUNNABLE".</remarks>
    public static string InsufficientCapacity(string instanceType) =>
        $"CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity requested for instance type [{instanceType}]";

    /// <summary>Such as <c>4 vCPUs, 2048 MiB, 1 GPU</c>.</summary>
    public static string Text(ResourceNeeds needs) => needs.Gpus == 0
        ? $"{Vcpus(needs.VcpuMillis)}, {needs.MemoryMiB} MiB"
        : $"{Vcpus(needs.VcpuMillis)}, {needs.MemoryMiB} MiB, {needs.Gpus} GPU{(needs.Gpus == 1 ? "" : "s")}";

    /// <summary>Such as <c>0.5 vCPUs</c>.</summary>
    public static string Vcpus(long vcpuMillis) =>
        string.Create(CultureInfo.InvariantCulture, $"{vcpuMillis / 1000m:0.###} vCPU{(vcpuMillis == 1000 ? "" : "s")}");

    /// <summary>Such as <c>0.0425 USD</c>.</summary>
    public static string Usd(decimal usd) => string.Create(CultureInfo.InvariantCulture, $"{usd:0.######} USD");

    /// <summary>Such as <c>4 nodes of 2 vCPUs, 1024 MiB</c>.</summary>
    public static string Text(GangNeeds gang) => $"{gang.Nodes} node{(gang.Nodes == 1 ? "" : "s")} of {Text(gang.PerNode)}";

    /// <summary>Why a host on Fargate was launched.</summary>
    public static string OfFargate(string jobId) => $"the host of job {jobId}";

    /// <summary>Why a host on Fargate ended.</summary>
    public static string OfFargateEnd(string jobId) => $"the attempt of job {jobId} was over";

    /// <summary>Why a type was chosen.</summary>
    /// <param name="offer">From what.</param>
    /// <param name="type">What was chosen.</param>
    /// <param name="candidates">How many types are large enough.</param>
    /// <param name="instead">The one that would have been chosen if there were any to be had; null: it is that.</param>
    internal static string OfChoice(CapacityOffer offer, InstanceType type, int candidates, InstanceType? instead)
    {
        var price = type.PriceOf(offer.Purchase);
        var why = offer.Strategy switch
        {
            AllocationStrategy.BestFit => $"cheapest for what waits ({Usd(price)} per hour)",
            AllocationStrategy.BestFitProgressive => $"lowest cost per vCPU ({Usd(price / type.Vcpus)} per hour)",
            AllocationStrategy.SpotCapacityOptimized => $"interrupted least ({InterruptionText(type.Interruption)} a month)",
            AllocationStrategy.SpotPriceCapacityOptimized =>
                $"interrupted little ({InterruptionText(type.Interruption)} a month) and lowest cost per vCPU ({Usd(price / type.Vcpus)} per hour)",
            AllocationStrategy.BestFitProgressiveOrdered => "first in the list",
            _ => $"first in the list among those interrupted as little ({InterruptionText(type.Interruption)} a month)",
        };
        var of = candidates == 1 ? "the only type that is large enough" : $"of {candidates} types that are large enough";
        return instead is null ? $"{why}, {of}" : $"{why}, {of} and to be had; {instead.Name} is not to be had";
    }

    private static string InterruptionText(InterruptionClass interruption) => interruption switch
    {
        InterruptionClass.Below5Percent => "below 5 %",
        InterruptionClass.From5To10Percent => "5 to 10 %",
        InterruptionClass.From10To15Percent => "10 to 15 %",
        InterruptionClass.From15To20Percent => "15 to 20 %",
        _ => "above 20 %",
    };
}
