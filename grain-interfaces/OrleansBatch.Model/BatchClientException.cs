namespace OrleansBatch.Model;

/// <summary>The caller's mistake. The message names the thing, its value and the limit.</summary>
/// <remarks>On the wire: HTTP 400 <c>ClientException</c>. Source: AWS Batch API, "Errors".</remarks>
[GenerateSerializer, Alias("OrleansBatch.BatchClientException")]
public class BatchClientException(string message) : Exception(message);
