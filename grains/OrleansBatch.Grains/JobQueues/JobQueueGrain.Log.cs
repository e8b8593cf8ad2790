using Microsoft.Extensions.Logging;

namespace OrleansBatch.Grains.JobQueues;

internal sealed partial class JobQueueGrain
{
    [LoggerMessage(Level = LogLevel.Error, Message = "A round of queue {Queue} failed; it looks again in a second")]
    private partial void LogRoundFailed(Exception exception, string queue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId} could not be placed from queue {Queue} and waits on")]
    private partial void LogNotPlaced(Exception exception, string jobId, string queue);

    [LoggerMessage(Level = LogLevel.Information, Message = "Queue {Queue} is deleted")]
    private partial void LogDeleted(string queue);
}
