using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using OrleansBatch.Agent.Sessions;
using OrleansBatch.Processes;
using Serilog;
using Serilog.Extensions.Logging;

namespace OrleansBatch.Agent.Program;

/// <summary>One run of the agent, from its start to a signal.</summary>
internal static class AgentProgram
{
    /// <summary>How long a program that is told to stop may ship the rest of its logs. What is left is shipped after its next start.</summary>
    private static readonly TimeSpan ShipsLogsWithin = TimeSpan.FromSeconds(10);

    /// <summary>Runs until it is told to stop.</summary>
    /// <exception cref="StartException">It cannot start; the message says why.</exception>
    public static async Task RunAsync(AgentSettings settings)
    {
        using var signals = new StopSignals();
        await using var log = new LoggerConfiguration()
            .WriteTo.Console(outputTemplate: "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}", formatProvider: CultureInfo.InvariantCulture)
            .CreateLogger();
        using var loggers = new SerilogLoggerFactory(log);
        var sessionOptions = settings.ToSession();
        using var folder = Take(Path.GetFullPath(settings.Data));
        using var session = new SiloSession(sessionOptions, loggers.CreateLogger<SiloSession>());
        await using var agent = Make(settings.ToAgent(sessionOptions.Identity?.Name), loggers);
        using var telemetry = AgentTelemetry.Begin(agent.NodeId);
        try
        {
            await StartAsync(agent, session, signals.First);
            await Task.Delay(Timeout.Infinite, signals.First).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await StopAsync(agent, settings.WhenStopped, signals.Second);
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            // Told to stop before it had begun, or told twice.
        }
    }

    private static NodeAgent Make(AgentOptions options, SerilogLoggerFactory loggers)
    {
        try
        {
            return new(options, TimeProvider.System, loggers.CreateLogger<NodeAgent>());
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartException(problem.Message);
        }
    }

    private static async Task StartAsync(NodeAgent agent, SiloSession session, CancellationToken cancellationToken)
    {
        try
        {
            await agent.StartAsync(session, cancellationToken);
        }
        catch (IOException problem)
        {
            throw new StartException(problem.Message);
        }
    }

    private static async Task StopAsync(NodeAgent agent, WhenStopped jobs, CancellationToken cancellationToken)
    {
        await agent.DrainAsync(cancellationToken);
        switch (jobs)
        {
            case WhenStopped.StopJobs:
                await agent.StopAllAsync(cancellationToken);
                break;
            case WhenStopped.AwaitJobs:
                await agent.WhenIdleAsync(cancellationToken);
                break;
            default:
                break;
        }

        // This machine may never come back.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(ShipsLogsWithin);
        await agent.ShipLogsAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The data folder is held by one program at a time, by a kernel lock that dies with it. A scheduler takes the same.</summary>
    private static FileDescriptor Take(string data)
    {
        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(data) ?? "/");
            if (Files.MakeDirectory(data) is { IsNone: false } error && error != OsError.AlreadyExists)
            {
                throw error.ToException(data);
            }

            return KernelLock.TryTake(Path.Combine(data, "lock"))
                ?? throw new StartException($"Data folder {data} is in use by another OrleansBatch. Stop that one, or choose another folder with --data.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"Data folder {data} cannot be used: {problem.Message} Choose another folder with --data.");
        }
    }

    /// <summary>The first signal and the second.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly CancellationTokenSource _first = new();
        private readonly CancellationTokenSource _second = new();
        private readonly PosixSignalRegistration[] _registrations;

        public StopSignals() =>
            _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGTERM, Hear), PosixSignalRegistration.Create(PosixSignal.SIGINT, Hear)];

        public CancellationToken First => _first.Token;

        public CancellationToken Second => _second.Token;

        public void Dispose()
        {
            Array.ForEach(_registrations, registration => registration.Dispose());
            _first.Dispose();
            _second.Dispose();
        }

        private void Hear(PosixSignalContext signal)
        {
            signal.Cancel = true;
            (_first.IsCancellationRequested ? _second : _first).Cancel();
        }
    }
}
