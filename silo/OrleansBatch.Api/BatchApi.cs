using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OrleansBatch.Api.Operations;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>Puts the AWS Batch wire protocol, and the part of CloudWatch Logs that reads jobs' logs, on a web server.</summary>
public static class BatchApi
{
    /// <summary>Registers what <see cref="MapBatchApi"/> needs, except the <see cref="IGrainFactory"/>.</summary>
    public static IServiceCollection AddBatchApi(this IServiceCollection services, Action<BatchApiOptions>? configure = null)
    {
        var options = services.AddOptions<BatchApiOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.AddSingleton<IValidateOptions<BatchApiOptions>, BatchApiOptionsValidator>();
        services.AddSingleton<Door>();
        return services;
    }

    /// <summary>Serves every operation under <c>/v1</c>, the logs and STS under <c>POST /</c>, what is our own under <c>/api</c>, and answers whatever matches no other endpoint.</summary>
    public static IEndpointRouteBuilder MapBatchApi(this IEndpointRouteBuilder endpoints)
    {
        var door = endpoints.ServiceProvider.GetRequiredService<Door>();
        foreach (var operation in OperationIndex.Available)
        {
            endpoints.Map(operation.Path, door.Serve(operation));
        }

        foreach (var name in OperationIndex.Later)
        {
            endpoints.Map(Operation.PathOf(name), Door.RefuseLater(name));
        }

        endpoints.Map(TagOperation<EmptyAnswer>.Route, door.Serve(OperationIndex.OnTags));
        endpoints.Map("/api/job-queues/{name}/job-environment", door.Serve(JobEnvironmentOperation.OfJobQueues));
        endpoints.Map("/api/compute-environments/{name}/job-environment", door.Serve(JobEnvironmentOperation.OfComputeEnvironments));
        endpoints.Map("/api/compute-environments/{name}/hosts", door.Serve(CapacityOperations.Hosts));
        endpoints.Map("/api/hosts/{name}/interrupt", door.Serve(CapacityOperations.Interrupt));
        endpoints.Map("/api/jobs/{name}/placement", door.Serve(CapacityOperations.Placement));
        endpoints.Map("/api/events", door.Serve(ListEvents.Operations));
        endpoints.Map("/api/jobs/{id}/events", door.Serve(ListEvents.Operations));
        endpoints.Map("/api/webhooks", door.Serve(WebhookOperations.OnAll));
        endpoints.Map("/api/webhooks/{name}", door.Serve(WebhookOperations.OnOne));
        endpoints.Map("/api/webhooks/{name}/dead-letters", door.Serve(WebhookOperations.OnDeadLetters));
        endpoints.Map("/api/webhooks/{name}/dead-letters/redrive", door.Serve(WebhookOperations.OnRedrive));
        endpoints.MapPost("/", door.ServeByTarget(OperationIndex.ByTarget, GetCallerIdentity.Operation));
        endpoints.MapFallback("{**path}", Door.RefuseUnknown());
        return endpoints;
    }
}
