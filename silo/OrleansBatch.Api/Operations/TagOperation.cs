using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using OrleansBatch.GrainInterfaces;
using OrleansBatch.GrainInterfaces.Tags;
using OrleansBatch.Model;

namespace OrleansBatch.Api.Operations;

/// <summary>An operation on the tags of a resource: the method says which, the path of what.</summary>
/// <param name="name">As AWS calls it.</param>
/// <param name="method">HTTP method.</param>
/// <param name="answers">How its answer is written.</param>
/// <param name="run">Reads the rest of the request and asks the grain.</param>
internal sealed class TagOperation<TAnswer>(
    string name, string method, JsonTypeInfo<TAnswer> answers, Func<HttpRequest, string, ITagsGrain, Task<TAnswer>> run) : Operation(name)
{
    /// <summary>Where all of them are served.</summary>
    public const string Route = "/v1/tags/{**resourceArn}";

    /// <inheritdoc/>
    public override string Method => method;

    /// <inheritdoc/>
    public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer) =>
        answer.Write(await run(request, RouteArn.Of(request), grains.Refer<ITagsGrain>(caller.Scope.Key)), answers);
}
