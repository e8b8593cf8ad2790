using System.Text.Json.Serialization;

namespace OrleansBatch.Model;

/// <summary>The body of every answer that is an error.</summary>
/// <param name="Type">The error's name, such as <c>ClientException</c>.</param>
/// <param name="Message">What is wrong.</param>
public sealed record ErrorBody([property: JsonPropertyName("__type")] string Type, string Message);

/// <summary>The body of an answer that says nothing: <c>{}</c>.</summary>
public sealed record EmptyAnswer
{
    /// <summary>The only one.</summary>
    public static EmptyAnswer Instance { get; } = new();
}
