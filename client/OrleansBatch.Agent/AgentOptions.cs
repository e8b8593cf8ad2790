namespace OrleansBatch.Agent;

/// <summary>Where and how a node agent works.</summary>
public sealed class AgentOptions
{
    /// <summary>Where a build puts the supervisor: <c>supervisor/OrleansBatch.Supervisor.dll</c> beside the program.</summary>
    public static string BuiltSupervisorPath { get; } =
        Path.Combine(AppContext.BaseDirectory, "supervisor", "OrleansBatch.Supervisor.dll");

    /// <summary>The most GPUs that a machine can offer.</summary>
    public const int MostGpus = 1_024;

    /// <summary>The data folder; the agent keeps to <c>agent/</c> below it, and only one agent may use it at a time.</summary>
    public required string DataDirectory { get; set; }

    /// <summary>The folder of all logs: <c>account/region/group/stream.log</c>, and an index of times beside each.</summary>
    public required string LogDirectory { get; set; }

    /// <summary>The supervisor, as a program or as a dll for the .NET host. It is copied before it is started.</summary>
    public required string SupervisorPath { get; set; }

    /// <summary>The operator's environment variables for all attempts: above the host's, below the job's own.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The node, in the form <c>i-0123456789abcdef0</c>. Null: made at the first start, and kept. Default: null.</summary>
    public string? NodeId { get; set; }

    /// <summary>Names of the compute environments or pools that this node serves. Empty: every environment that names no pool. Default: empty.</summary>
    public IList<string> Joins { get; } = [];

    /// <summary>How long attempts may run after the last renewal that a silo took; needs a session that renews. Null: without end. Default: null.</summary>
    public TimeSpan? Lease { get; set; }

    /// <summary>From the lapse of the lease to SIGKILL, whatever stop timeouts the attempts have. Silos wait for as long before they give the attempts away. Default: 30 seconds.</summary>
    public TimeSpan StopWithin { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a supervisor stays that has neither agent nor attempt. Whole seconds. Default: 60 seconds.</summary>
    public TimeSpan SupervisorIdle { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Whether attempts are limited in memory, processors and processes, where the kernel lets us. Default: true.</summary>
    public bool EnforceLimits { get; set; } = true;

    /// <summary>Processes and threads that one attempt may have at a time. Default: 4,096.</summary>
    public int MostProcesses { get; set; } = 4_096;

    /// <summary>GPUs that jobs can get, 0 to <see cref="MostGpus"/>. Null: as many as there are NVIDIA devices. Default: null.</summary>
    public int? Gpus { get; set; }

    /// <summary>After how long a report that failed is repeated at first; each failure doubles it. Default: 0.05 seconds.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest time between two tries. Default: 5 seconds.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most reports in one message. Default: 1,000.</summary>
    public int ReportsPerBatch { get; set; } = 1_000;

    /// <summary>How often an agent with a lease looks for new output of its attempts, to ship it to the store. Default: 2 seconds.</summary>
    public TimeSpan ShipEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of output that are shipped in a second at most, before compression. Of a log that grows faster the end is shipped, and what is between is not. Default: 4 MiB.</summary>
    public long ShipBytesPerSecond { get; set; } = 4 * 1024 * 1024;
}
