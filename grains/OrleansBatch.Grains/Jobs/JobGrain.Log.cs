using Microsoft.Extensions.Logging;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Grains.Jobs;

internal sealed partial class JobGrain
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Job {JobId} moved from {From} to {To}")]
    private partial void LogMoved(string jobId, JobStatus from, JobStatus to);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An agent reports an attempt of job {JobId}, which does not exist; it may forget it")]
    private partial void LogUnknownAttempt(string jobId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Node {NodeId} reports attempt {Fence} of job {JobId}, which is on another node: its report does not count")]
    private partial void LogReportedElsewhere(string jobId, long fence, string nodeId);
}
