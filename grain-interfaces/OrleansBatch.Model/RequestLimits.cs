namespace OrleansBatch.Model;

/// <summary>How long a request's body may be, in bytes.</summary>
/// <remarks>Source: AWS Batch user guide, "Service quotas".</remarks>
public static class RequestLimits
{
    /// <summary>SubmitJob: 30 KiB.</summary>
    public const int SubmitJob = 30 * 1024;

    /// <summary>RegisterJobDefinition: 24 KiB.</summary>
    public const int RegisterJobDefinition = 24 * 1024;

    /// <summary>Every other request: 1 MiB, far more than any can need.</summary>
    public const int Other = 1024 * 1024;
}
