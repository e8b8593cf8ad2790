using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.ComputeEnvironments;
using OrleansBatch.GrainInterfaces.Jobs;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Api.Operations;

/// <summary>Of ours: the hosts of an environment, and why a job is where it is.</summary>
internal static class CapacityOperations
{
    /// <summary><c>GET /api/compute-environments/{name}/hosts</c>, with the parameters history, maxResults and nextToken.</summary>
    public static Operation Hosts { get; } = new OwnOperation<ListHostsResponse>("ListHosts", "GET", BatchJson.Default.ListHostsResponse, static (request, name, scope, grains) =>
        grains.Refer<IComputeEnvironmentsGrain>(scope.Key).ListHosts(
            new()
            {
                ComputeEnvironment = name,
                History = Flag(request, "history"),
                MaxResults = Number(request, "maxResults"),
                NextToken = Text(request, "nextToken"),
            },
            request.HttpContext.RequestAborted));

    /// <summary><c>POST /api/hosts/{id}/interrupt</c>: takes a Spot host back.</summary>
    public static Operation Interrupt { get; } = new OwnOperation<HostDetail>("InterruptHost", "POST", BatchJson.Default.HostDetail, static (_, name, scope, grains) =>
        grains.Refer<IComputeEnvironmentsGrain>(scope.Key).InterruptHost(name, CancellationToken.None));

    /// <summary><c>GET /api/jobs/{id}/placement</c>.</summary>
    public static Operation Placement { get; } = new OwnOperation<PlacementExplanation>("ExplainPlacement", "GET", BatchJson.Default.PlacementExplanation, static (request, name, scope, grains) =>
        grains.Refer<IJobsGrain>(scope.Key).Explain(name, request.HttpContext.RequestAborted));

    private static string? Text(HttpRequest request, string name) => request.Query[name] is [var text, ..] ? text : null;

    private static bool? Flag(HttpRequest request, string name) => Text(request, name) switch
    {
        null => null,
        "true" => true,
        "false" => false,
        var other => throw new BatchClientException($"{name} is {other}, it must be true or false."),
    };

    private static int? Number(HttpRequest request, string name) => Text(request, name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        var other => throw new BatchClientException($"{name} is {other}, it must be a number."),
    };

    private sealed class OwnOperation<TAnswer>(
        string name, string method, JsonTypeInfo<TAnswer> info, Func<HttpRequest, string, Scope, IGrainFactory, Task<TAnswer>> run) : Operation(name)
    {
        public override string Method => method;

        public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer) =>
            answer.Write(await run(request, PathName.Of(request), caller.Scope, grains), info);
    }
}

/// <summary>What stands in a path for a name.</summary>
internal static class PathName
{
    /// <summary>A name, or an ARN: its slash comes percent-encoded, and is the one character that the server leaves so.</summary>
    public static string Of(HttpRequest request) =>
        request.RouteValues["name"]?.ToString()?.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase) ?? "";
}
