using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace OrleansBatch.Api.Operations;

/// <summary>An operation whose request and answer are JSON.</summary>
/// <param name="name">As AWS calls it.</param>
/// <param name="answers">How its answer is written.</param>
/// <param name="run">Asks the grain.</param>
internal sealed class BatchOperation<TRequest, TAnswer>(
    string name, JsonTypeInfo<TAnswer> answers, Func<Call<TRequest>, Task<TAnswer>> run) : Operation(name)
    where TRequest : class
{
    private readonly JsonTypeInfo<TRequest> _reads = RequestJson.InfoOf<TRequest>();

    /// <inheritdoc/>
    public override async Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer)
    {
        var (body, invocation) = await RequestBody.ReadAsync(request, MaxBytes, bytes => (
            RequestJson.Read(bytes, _reads),
            IsIdentified ? Invocations.Of(request, caller, bytes) : null));
        var result = await run(new(body, caller.Scope, grains, invocation, request.HttpContext.RequestAborted));
        answer.Write(result, answers);
    }

    /// <summary>Whether repeating the call must not repeat its effect.</summary>
    public bool IsIdentified { get; init; }
}
