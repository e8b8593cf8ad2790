using OrleansBatch.Agent.Sessions;
using OrleansBatch.Certificates;

namespace OrleansBatch.Agent.Program;

/// <summary>What the command line says.</summary>
internal sealed record AgentSettings
{
    public required string Data { get; init; }

    public required IReadOnlyList<string> Silos { get; init; }

    public IReadOnlyList<string> Joins { get; init; } = [];

    public required TimeSpan Lease { get; init; }

    public required TimeSpan StopWithin { get; init; }

    public string? Authority { get; init; }

    public string? Certificate { get; init; }

    public string? Key { get; init; }

    public string? Logs { get; init; }

    public required long LogRate { get; init; }

    public IReadOnlyList<string> JobVariables { get; init; } = [];

    public bool NoLimits { get; init; }

    public int JobProcesses { get; init; }

    public int? Gpus { get; init; }

    public WhenStopped WhenStopped { get; init; }

    /// <summary>The session's part.</summary>
    /// <exception cref="StartException">It cannot be.</exception>
    public SessionOptions ToSession()
    {
        if (new[] { Authority, Certificate, Key }.Count(file => file is not null) is not (0 or 3))
        {
            throw new StartException("--ca, --certificate and --key go together.");
        }

        try
        {
            var session = new SessionOptions
            {
                Silos = [.. Silos.Select(ToUri)],
                Identity = Authority is null ? null : PrivateIdentity.Read(Authority, Certificate!, Key!),
            };
            session.Check();
            return session;
        }
        catch (Exception problem) when (problem is ArgumentException or IOException)
        {
            throw new StartException(problem.Message);
        }
    }

    /// <summary>The agent's part.</summary>
    /// <param name="nodeId">The node, as its certificate names it; null: without a certificate.</param>
    /// <exception cref="StartException">A variable is none.</exception>
    public AgentOptions ToAgent(string? nodeId)
    {
        var data = Path.GetFullPath(Data);
        var agent = new AgentOptions
        {
            DataDirectory = data,
            LogDirectory = Logs is null ? Path.Combine(data, "logs") : Path.GetFullPath(Logs),
            SupervisorPath = AgentOptions.BuiltSupervisorPath,
            NodeId = nodeId,
            Lease = Lease,
            StopWithin = StopWithin,
            ShipBytesPerSecond = LogRate,
            EnforceLimits = !NoLimits,
            MostProcesses = JobProcesses,
            Gpus = Gpus,
        };
        foreach (var join in Joins)
        {
            agent.Joins.Add(join);
        }

        foreach (var variable in JobVariables)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            agent.Environment[equals > 0 ? variable[..equals] : throw new StartException($"'{variable}' is not NAME=VALUE.")] = variable[(equals + 1)..];
        }

        return agent;
    }

    private static Uri ToUri(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri)
        ? uri
        : throw new StartException($"'{text}' is not the URL of a silo's agent gateway, such as https://silo-1:8001.");
}

/// <summary>What becomes of the jobs when the agent is told to stop.</summary>
internal enum WhenStopped
{
    /// <summary>They go on under the lease; the next start adopts them.</summary>
    LeaveJobs,

    /// <summary>The agent waits until they have ended.</summary>
    AwaitJobs,

    /// <summary>The agent stops them.</summary>
    StopJobs,
}

/// <summary>The program cannot start; the message is for the person who started it.</summary>
internal sealed class StartException(string message) : Exception(message);
