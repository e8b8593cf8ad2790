using System.ComponentModel.DataAnnotations;
using OrleansBatch.Agent;

namespace OrleansBatch.Silo.Options;

/// <summary>Settings of the scheduler: command line, environment (<c>OrleansBatch__Port=8000</c>) or appsettings.json.</summary>
public sealed class BatchOptions
{
    /// <summary>The section of the configuration that holds them.</summary>
    public const string Section = "OrleansBatch";

    /// <summary>The folder that holds everything. Default: <c>orleansbatch</c> in the user's folder for application data.</summary>
    [Required]
    public string Data { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
        "orleansbatch");

    /// <summary>Port of the AWS Batch endpoint, on loopback or on <see cref="Listen"/>. 0 picks a free one. Default: 8000.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 8000;

    /// <summary>Whether to leave out the default resources and the sample of the first start. Default: false.</summary>
    public bool Bare { get; set; }

    /// <summary>Whether the end of the program stops its jobs. Default: false, they go on and are adopted at the next start.</summary>
    public bool StopJobs { get; set; }

    /// <summary>The account that everything belongs to: 12 digits. Default: 123456789012.</summary>
    [RegularExpression("^[0-9]{12}$", ErrorMessage = "Account must be 12 digits.")]
    public string Account { get; set; } = "123456789012";

    /// <summary>The region of requests that name none, and of the default resources. Default: us-east-1.</summary>
    [RegularExpression("^[a-z0-9-]{1,32}$", ErrorMessage = "Region must be 1 to 32 lower-case letters, digits and dashes.")]
    public string Region { get; set; } = "us-east-1";

    /// <summary>Port of the Orleans silo, on loopback or, in a cluster, on <see cref="Address"/>. 0 picks a free one. Default: 0.</summary>
    [Range(0, 65535)]
    public int SiloPort { get; set; }

    /// <summary>Port of the Orleans gateway, on loopback or, in a cluster, on <see cref="Address"/>. 0 picks a free one. Default: none given, which is 30000 when that is free, else a free one.</summary>
    [Range(0, 65535)]
    public int? GatewayPort { get; set; }

    /// <summary>
    /// Connection string of the PostgreSQL database that the silos of a cluster share, as Npgsql reads it: version 15 or later. Default: none, the program
    /// is alone on this machine and keeps everything in its data folder.
    /// </summary>
    public string? Database { get; set; }

    /// <summary>In a cluster: which one. Silos of one database and one id belong together. Default: orleansbatch.</summary>
    [RegularExpression("^[A-Za-z0-9-]{1,64}$", ErrorMessage = "ClusterId must be 1 to 64 letters, digits and dashes.")]
    public string ClusterId { get; set; } = "orleansbatch";

    /// <summary>In a cluster: this silo's address, at which the others and clients of its gateway reach it. Default: 127.0.0.1.</summary>
    [IpAddress]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Address on which the AWS Batch endpoint listens. Default: loopback only.</summary>
    [IpAddress]
    public string? Listen { get; set; }

    /// <summary>Port at which agents of other machines arrive, on all addresses. 0 picks a free one. Default: none given, and none arrive.</summary>
    [Range(0, 65535)]
    public int? AgentPort { get; set; }

    /// <summary>Whether agents need no certificate. Their port is then on loopback only, and every user of this machine can be a node. Default: false.</summary>
    public bool PlaintextAgents { get; set; }

    /// <summary>Certificate of the cluster's own authority, a PEM file. With it and the next two, silos, gateway clients and agents speak mutual TLS. Default: none.</summary>
    public string? CertificateAuthority { get; set; }

    /// <summary>This silo's certificate, a PEM file. Default: none.</summary>
    public string? Certificate { get; set; }

    /// <summary>The private key of the certificate, a PEM file. Default: none.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>Variables given to every attempt, below the job's own. Default: none.</summary>
    public Dictionary<string, string> JobEnvironment { get; set; } = [];

    /// <summary>Whether to run jobs without limits of memory, processors and processes. Default: false, they are enforced where the kernel lets us.</summary>
    public bool NoLimits { get; set; }

    /// <summary>Processes and threads that one attempt of a job may have at a time. Default: 4096.</summary>
    [Range(1, 4_194_304)]
    public int JobProcesses { get; set; } = 4_096;

    /// <summary>GPUs of this machine that jobs can get. Default: none given, which is as many as there are NVIDIA devices. Not in a cluster, where each agent says its own.</summary>
    [Range(0, AgentOptions.MostGpus)]
    public int? Gpus { get; set; }

    /// <summary>A JSON file with the instance types there are, instead of the built-in catalogue. Default: none.</summary>
    public string? InstanceCatalogue { get; set; }

    /// <summary>How long a modelled host takes from its launch until it takes jobs. Default: no time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan HostLaunchDelay { get; set; }

    /// <summary>How long a modelled host is without jobs before it goes, unless its environment has a minScaleDownDelayMinutes. Default: 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00")]
    public TimeSpan HostIdleDelay { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Instance types of which none is to be had, to see what happens then. Default: none.</summary>
    public string[] UnavailableInstanceTypes { get; set; } = [];

    /// <summary>Interruptions expected in an hour of a Spot host of a usual type; types that AWS interrupts more or less often have more or fewer. Default: 0, none.</summary>
    [Range(0.0, 3_600.0)]
    public double SpotInterruptionsPerHour { get; set; }

    /// <summary>The same for compute environments of these names, instead. Default: none.</summary>
    public Dictionary<string, double> SpotInterruptionsByEnvironment { get; set; } = [];

    /// <summary>How long a node's supervisor may take to stop its jobs once the agent's lease has lapsed. Default: 30 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan NodeGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long after lease and grace a node is declared lost, for clocks that do not run alike. Default: 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan NodeMargin { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How much of each log of an attempt on another machine is kept in the database, for when that machine is gone, before compression: the newest. MiB. Default: 16.</summary>
    [Range(1, 4_096)]
    public int ShippedLogMiB { get; set; } = 16;

    /// <summary>For how many days after something of it came last. Default: 30.</summary>
    [Range(1, 36_500)]
    public int ShippedLogDays { get; set; } = 30;

    /// <summary>For tests of recovery: the program kills itself at this point. Default: none.</summary>
    public Grains.Failpoint? KillAt { get; set; }

    /// <summary>With <see cref="KillAt"/>: at which time that it is reached, 1 for the first. Default: 1.</summary>
    [Range(1, int.MaxValue)]
    public int KillAtCount { get; set; } = 1;

    /// <summary>Whether the silo is one of a cluster.</summary>
    internal bool IsCluster => Database is not null;

    /// <summary>The database file.</summary>
    internal string DatabasePath => Path.Combine(Data, "orleansbatch.db");

    /// <summary>The jobs' logs.</summary>
    internal string LogDirectory => Path.Combine(Data, "logs");
}
