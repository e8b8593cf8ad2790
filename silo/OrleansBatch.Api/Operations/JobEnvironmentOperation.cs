using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.JobQueues;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Operations;

/// <summary>Of ours: the operator's variables for the jobs of a queue or compute environment, at <c>/api/…/{name}/job-environment</c>.</summary>
/// <remarks>A GET tells their names, a PUT replaces them all. Values are never given back.</remarks>
/// <param name="name">What logs call it.</param>
/// <param name="method">HTTP method.</param>
/// <param name="run">Asks the grain.</param>
internal sealed class JobEnvironmentOperation(
    string name, string method, Func<HttpRequest, string, Scope, IGrainFactory, Task<JobEnvironmentNames>> run) : Operation(name)
{
    private const string Get = "GET";
    private const string Put = "PUT";

    private static readonly JsonTypeInfo<SetJobEnvironmentRequest> Reads = RequestJson.InfoOf<SetJobEnvironmentRequest>();

    /// <summary>Those of job queues.</summary>
    public static IReadOnlyList<Operation> OfJobQueues { get; } =
    [
        new JobEnvironmentOperation("GetJobQueueJobEnvironment", Get, static (request, name, scope, grains) =>
            grains.Refer<IJobQueuesGrain>(scope.Key).JobEnvironment(name, request.HttpContext.RequestAborted)),
        new JobEnvironmentOperation("PutJobQueueJobEnvironment", Put, static async (request, name, scope, grains) =>
            await grains.Refer<IJobQueuesGrain>(scope.Key).SetJobEnvironment(await ReadAsync(request, name), CancellationToken.None)),
    ];

    /// <summary>Those of compute environments.</summary>
    public static IReadOnlyList<Operation> OfComputeEnvironments { get; } =
    [
        new JobEnvironmentOperation("GetComputeEnvironmentJobEnvironment", Get, static (request, name, scope, grains) =>
            grains.Refer<IComputeEnvironmentsGrain>(scope.Key).JobEnvironment(name, request.HttpContext.RequestAborted)),
        new JobEnvironmentOperation("PutComputeEnvironmentJobEnvironment", Put, static async (request, name, scope, grains) =>
            await grains.Refer<IComputeEnvironmentsGrain>(scope.Key).SetJobEnvironment(await ReadAsync(request, name), CancellationToken.None)),
    ];

    /// <inheritdoc/>
    public override string Method => method;

    /// <inheritdoc/>
    public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer) => answer.Write(
        await run(request, PathName.Of(request), caller.Scope, grains), BatchJson.Default.JobEnvironmentNames);

    private static async Task<SetJobEnvironmentRequest> ReadAsync(HttpRequest request, string name) =>
        await RequestBody.ReadAsync(request, RequestLimits.Other, static bytes => RequestJson.Read(bytes, Reads)) with { Name = name };
}
