using Microsoft.Extensions.Logging;

namespace OrleansBatch.Grains.ComputeEnvironments;

internal sealed partial class ComputeEnvironmentGrain
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Queue {Queue} did not look in time at capacity that came free")]
    private partial void LogNotWoken(Exception exception, string queue);

    [LoggerMessage(Level = LogLevel.Information, Message = "Environment {Environment} is in epoch {Epoch}; {Held} jobs hold capacity")]
    private partial void LogRebuilt(string environment, long epoch, int held);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Environment {Environment} frees {Count} reservations that no job holds any more")]
    private partial void LogOver(string environment, int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Environment {Environment} frees reservation {ReservationId}: job {JobId} never took it")]
    private partial void LogFreed(string environment, string reservationId, string jobId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Environment {Environment} launches reservation {ReservationId} of job {JobId} late")]
    private partial void LogLaunchedLate(string environment, string reservationId, string jobId);

    [LoggerMessage(Level = LogLevel.Information, Message = "Environment {Environment} launched host {HostId} ({InstanceType}): {Reason}")]
    private partial void LogHostLaunched(string environment, string hostId, string instanceType, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Environment {Environment} ended host {HostId} ({InstanceType}): {Reason}")]
    private partial void LogHostEnded(string environment, string hostId, string instanceType, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Environment {Environment} could not launch or end hosts; it looks again")]
    private partial void LogNotScaled(Exception exception, string environment);

    [LoggerMessage(Level = LogLevel.Information, Message = "Environment {Environment} loses host {HostId} at {EndsAt}: it is taken back")]
    private partial void LogHostTakenBack(string environment, string hostId, DateTimeOffset endsAt);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Environment {Environment} could not ask which nodes there are; it asks again")]
    private partial void LogNodesNotSeen(Exception exception, string environment);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Job {JobId} could not be told that its host {HostId} goes; it is told again")]
    private partial void LogNotStopped(Exception exception, string jobId, string hostId);
}
