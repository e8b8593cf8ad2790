namespace OrleansBatch.Api;

/// <summary>How a service names its errors and its content.</summary>
/// <param name="ContentType">Of every answer.</param>
/// <param name="ClientFault">The caller's mistake: HTTP 400.</param>
/// <param name="ServerFault">Our failure: HTTP 500, and SDKs send the call again.</param>
internal sealed record Dialect(string ContentType, string ClientFault, string ServerFault)
{
    /// <summary>Says that no operation is meant.</summary>
    public const string UnknownOperation = "UnknownOperationException";

    /// <summary>AWS Batch.</summary>
    public static Dialect Batch { get; } = new("application/json", "ClientException", "ServerException");

    /// <summary>CloudWatch Logs.</summary>
    public static Dialect Logs { get; } = new("application/x-amz-json-1.1", "InvalidParameterException", "ServiceUnavailableException");
}
