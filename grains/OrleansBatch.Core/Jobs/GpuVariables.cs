using System.Collections.Immutable;
using OrleansBatch.Model.JobDefinitions;

namespace OrleansBatch.Core.Jobs;

/// <summary>Tells a process which of its machine's GPUs are its own.</summary>
/// <remarks>Source: CUDA programming guide, "Environment variables"; NVIDIA container toolkit, "Environment variables". Both count in the order of the PCI bus, once CUDA is told to.</remarks>
internal static class GpuVariables
{
    /// <summary>The variables; none without GPUs.</summary>
    /// <param name="gpus">Their indexes.</param>
    public static ImmutableArray<KeyValuePair<string, string>> For(IReadOnlyList<int>? gpus)
    {
        if (gpus is not { Count: > 0 })
        {
            return [];
        }

        var indexes = string.Join(',', gpus);
        return [new("CUDA_DEVICE_ORDER", "PCI_BUS_ID"), new("CUDA_VISIBLE_DEVICES", indexes), new("NVIDIA_VISIBLE_DEVICES", indexes)];
    }

    /// <summary>The attempt's GPUs given out to its containers, in their order: to each as many as it asked for.</summary>
    /// <param name="gpus">All of them; null: none is named.</param>
    /// <param name="containers">The containers.</param>
    public static ImmutableArray<IReadOnlyList<int>> OfContainers(IReadOnlyList<int>? gpus, IReadOnlyList<TaskContainerProperties> containers)
    {
        var given = 0;
        var parts = ImmutableArray.CreateBuilder<IReadOnlyList<int>>(containers.Count);
        foreach (var container in containers)
        {
            // GPUs are not on Fargate, so what the task was asked for does not matter here.
            var count = gpus is null ? 0 : ResourceRules.InTask(container.ResourceRequirements ?? [], isFargate: false).Gpus;
            parts.Add([.. (gpus ?? []).Skip(given).Take(count)]);
            given += count;
        }

        return parts.MoveToImmutable();
    }
}
