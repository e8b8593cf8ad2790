using OrleansBatch.Model;

namespace OrleansBatch.Api;

/// <summary>The caller's mistake that HTTP has a status of its own for.</summary>
internal sealed class RefusedException(int status, string message) : BatchClientException(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;
}
