using Microsoft.AspNetCore.Http;
using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>One operation: what it reads, which grain it asks, what it answers.</summary>
internal abstract class Operation(string name)
{
    /// <summary>As AWS calls it, such as <c>SubmitJob</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Where it is served, such as <c>/v1/submitjob</c>.</summary>
    public string Path { get; } = PathOf(name);

    /// <summary>HTTP method that it takes.</summary>
    public virtual string Method => "POST";

    /// <summary>How it names errors.</summary>
    public Dialect Dialect { get; init; } = Dialect.Batch;

    /// <summary>How long a request may be, in bytes.</summary>
    public int MaxBytes { get; init; } = RequestLimits.Other;

    /// <summary>Where an operation of this name is served.</summary>
#pragma warning disable CA1308 // The protocol wants lower case.
    public static string PathOf(string name) => "/v1/" + name.ToLowerInvariant();
#pragma warning restore CA1308

    /// <summary>Reads the request, has it done, and writes the answer.</summary>
    public abstract Task RunAsync(HttpRequest request, Caller caller, IGrainFactory grains, AnswerBuffer answer);
}
