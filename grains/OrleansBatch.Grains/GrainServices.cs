using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Serialization;
using OrleansBatch.Core.Nodes;
using OrleansBatch.Grains.ComputeEnvironments;
using OrleansBatch.Grains.ConsumableResources;
using OrleansBatch.Grains.Logs;
using OrleansBatch.Grains.Posting;
using OrleansBatch.Grains.Telemetry;
using OrleansBatch.Grains.Webhooks;

namespace OrleansBatch.Grains;

/// <summary>Puts the grains' own parts together; the silo adds stores and agents.</summary>
public static class GrainServices
{
    /// <summary>Adds what every grain needs besides its stores and its agents.</summary>
    public static IServiceCollection AddBatchGrains(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IFailpoints, NoFailpoints>();
        services.TryAddSingleton(new CapacityModel());
        services.TryAddSingleton(new NodeLeaseOptions());
        services.TryAddSingleton(new ShippedLogOptions());
        services.TryAddSingleton<Post>();
        services.TryAddSingleton<IWebhookSender, HttpWebhookSender>();
        services.AddMetrics();
        services.TryAddSingleton<BatchMetrics>();
        services.TryAddSingleton<Keeper>();
        services.Configure<ExceptionSerializationOptions>(options =>
        {
            // Failures travel between silos as they are, with what the database said.
            _ = options.SupportedNamespacePrefixes.Add("OrleansBatch");
            _ = options.SupportedNamespacePrefixes.Add("Npgsql");
        });
        return services;
    }
}
