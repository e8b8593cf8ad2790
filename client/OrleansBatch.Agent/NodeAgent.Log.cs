using Microsoft.Extensions.Logging;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent;

public sealed partial class NodeAgent
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Jobs are limited in memory, CPU shares and processes ({Processes} each) by {LimitedBy}")]
    private partial void LogLimited(string limitedBy, int processes);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Jobs run without limits of memory, processors and processes: {Reason}")]
    private partial void LogUnlimited(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The lease has lapsed: the supervisor stops {Count} attempts. The node comes back as another incarnation")]
    private partial void LogLapsed(int count);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Job {JobId} attempt {Fence}: {Phase} {End} {ExitCode} {Reason}")]
    private partial void LogFact(string jobId, long fence, AttemptPhase phase, AttemptEnd? end, int? exitCode, string? reason);
}
