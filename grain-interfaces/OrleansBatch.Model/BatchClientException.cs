namespace OrleansBatch.Model;

/// <summary>The caller's mistake. The message names the thing, its value and the limit.</summary>
/// <remarks>On the wire: HTTP 400 <c>ClientException</c>. Source: AWS Batch API, "Errors".</remarks>
[GenerateSerializer, Alias("OrleansBatch.BatchClientException")]
public class BatchClientException(string message) : Exception(message);

/// <summary>The caller's mistake in the form of a field, of those whose message the live service wraps.</summary>
/// <remarks>
/// On the wire: <c>Error executing request, Exception : &lt;message&gt;, RequestId: &lt;uuid&gt;</c>; the door knows the request's id.
/// Used by RegisterJobDefinition, CreateComputeEnvironment, the name of a job and the number of jobs described.
/// </remarks>
[GenerateSerializer, Alias("OrleansBatch.ValidationException")]
public sealed class ValidationException(string message) : BatchClientException(message);

/// <summary>The caller's mistake in a call of the logs door, which has error codes of its own.</summary>
/// <remarks>On the wire: HTTP 400 with that code. Source: CloudWatch Logs API, "Common errors".</remarks>
[GenerateSerializer, Alias("OrleansBatch.LogsClientException")]
public sealed class LogsClientException(string code, string message) : BatchClientException(message)
{
    /// <summary>Such as <c>ResourceNotFoundException</c>.</summary>
    [Id(0)] public string Code { get; } = code;
}
