using Microsoft.Extensions.Logging;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Agent;

public sealed partial class NodeAgent
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "Job {JobId} attempt {Fence}: {Phase} {End} {ExitCode} {Reason}")]
    private partial void LogFact(string jobId, long fence, AttemptPhase phase, AttemptEnd? end, int? exitCode, string? reason);
}
