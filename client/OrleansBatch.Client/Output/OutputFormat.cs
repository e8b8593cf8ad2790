namespace OrleansBatch.Client.Output;

/// <summary>How a command answers.</summary>
public enum OutputFormat
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>For programs: AWS's own JSON, one document.</summary>
    Json,
}
