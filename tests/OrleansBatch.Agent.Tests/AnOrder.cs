using System.Collections.Immutable;
using OrleansBatch.Model;
using OrleansBatch.Model.Logs;
using OrleansBatch.Model.Nodes;

namespace OrleansBatch.Agent.Tests;

/// <summary>Launch orders that say only what a case is about.</summary>
internal static class AnOrder
{
    public static LaunchOrder Of(string job, string incarnation) => new()
    {
        Attempt = new(job, 1),
        Incarnation = incarnation,
        ReservationId = $"reservation of {job}",
        EnvironmentKey = "123456789012/us-east-1/local",
        QueueKey = "123456789012/us-east-1/default",
        Command = ["/bin/true"],
        Environment = [],
        Log = LogOf(job),
        StopTimeout = TimeSpan.FromSeconds(30),
    };

    /// <summary>An essential container whose log has its name.</summary>
    public static ContainerOrder Container(string name, string script) => new()
    {
        Name = name,
        Command = Shell(script),
        Environment = [],
        Log = LogOf(name),
        IsEssential = true,
        StopTimeout = TimeSpan.FromSeconds(30),
    };

    public static LogLocation LogOf(string job) =>
        new() { Scope = new("123456789012", "us-east-1"), Group = "/aws/batch/job", Stream = $"test/default/{job}" };

    public static LogQuery AllOf(string job) =>
        new() { Log = LogOf(job), Forwards = true, Limit = 10_000, MaxBytes = 1_000_000 };

    public static ImmutableArray<string> Shell(string script) => ["/bin/sh", "-c", script];
}
