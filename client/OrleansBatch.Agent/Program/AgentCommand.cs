using System.CommandLine;

namespace OrleansBatch.Agent.Program;

/// <summary>The command line of the agent.</summary>
internal static class AgentCommand
{
    private const int Stopped = 0;
    private const int CannotStart = 1;
    private const int Usage = 2;

    private const string Text =
        """
        Runs the jobs of this machine for an OrleansBatch cluster.
        It connects to one silo, and to another when that one is gone. A supervisor of its own starts the jobs and outlives it: after a restart within the lease they are
        adopted. When no silo has renewed the lease for its length the supervisor stops all jobs by itself, whatever became of the agent.

        SIGTERM, SIGINT: take no more jobs and leave; what becomes of those that run is said by --await-jobs or --stop-jobs. A second signal leaves at once.

        Exit codes:
          0    stopped as asked
          1    it cannot start: the line on standard error says why
          2    the command line cannot be understood
        """;

    private static readonly Option<string> Data = new("--data")
    {
        Description = "Folder of this node: its id, the jobs' records and working directories. One agent at a time.",
        HelpName = "DIR",
        Required = true,
    };

    private static readonly Option<string[]> Silos = new("--silo")
    {
        Description = "A silo's agent gateway, such as https://silo-1:8001. Repeat it for each silo. http:// on loopback only.",
        HelpName = "URL",
        Required = true,
    };

    private static readonly Option<string[]> Joins = new("--join")
    {
        Description = "A compute environment, or a pool, that this node serves. Repeat it for several. Default: every environment that names no pool.",
        HelpName = "NAME",
    };

    private static readonly Option<double> Lease = new("--lease")
    {
        Description = "How long jobs may run on after the last renewal, in seconds: 1 to 86400.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 60,
    };

    private static readonly Option<double> StopWithin = new("--stop-within")
    {
        Description = "When the lease has lapsed: from SIGTERM to SIGKILL at most, in seconds: 0 to 30.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 30,
    };

    private static readonly Option<string?> Authority = new("--ca")
    {
        Description = "Certificate of the cluster's authority (PEM).",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Certificate = new("--certificate")
    {
        Description = "This node's certificate (PEM). Its common name is the node's id.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Key = new("--key")
    {
        Description = "The certificate's private key (PEM).",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Logs = new("--log-dir")
    {
        Description = "Folder of the jobs' logs. Default: logs in the data folder.",
        HelpName = "DIR",
    };

    private static readonly Option<double> LogRate = new("--log-rate")
    {
        Description = "Output of jobs that is shipped to the database in a second at most, for when this machine is gone, in MiB before compression: 0.1 to 1000.",
        HelpName = "MIB",
        DefaultValueFactory = _ => 4,
    };

    private static readonly Option<string[]> JobVariables = new("--job-env")
    {
        Description = "A variable given to every job, below its own. Repeat it for several.",
        HelpName = "NAME=VALUE",
    };

    private static readonly Option<bool> NoLimits = new("--no-limits")
    {
        Description = "Run jobs without limits of memory, processors and processes, also where the kernel offers them (cgroups).",
    };

    private static readonly Option<int> JobProcesses = new("--job-processes")
    {
        Description = "Processes and threads that one attempt of a job may have at a time.",
        HelpName = "N",
        DefaultValueFactory = _ => 4_096,
    };

    private static readonly Option<int?> Gpus = new("--gpus")
    {
        Description = "GPUs that jobs can get, 0 to 1024. Default: as many as there are NVIDIA devices (/dev/nvidia0 and so on).",
        HelpName = "N",
    };

    private static readonly Option<bool> AwaitJobs = new("--await-jobs")
    {
        Description = "When told to stop: wait until all jobs have ended.",
    };

    private static readonly Option<bool> StopJobs = new("--stop-jobs")
    {
        Description = "When told to stop: stop all jobs. Without either they go on, and are adopted by a start within the lease.",
    };

    /// <summary>Reads the command line and runs until a signal.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var command = Build();
        var parsed = command.Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync(error.Message);
            }

            await Console.Error.WriteLineAsync("See: orleansbatch-agent --help");
            return Usage;
        }

        // Signals mean more than one thing here.
        return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    private static RootCommand Build()
    {
        InRange(Lease, 1, 86_400);
        InRange(StopWithin, 0, 30);
        InRange(LogRate, 0.1, 1_000);
        var command = new RootCommand(Text)
        {
            Data, Silos, Joins, Lease, StopWithin, Authority, Certificate, Key, Logs, LogRate, JobVariables, NoLimits, JobProcesses, Gpus, AwaitJobs, StopJobs,
        };
        Gpus.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && result.GetValueOrDefault<int?>() is { } gpus && gpus is < 0 or > AgentOptions.MostGpus)
            {
                result.AddError($"--gpus must be 0 to {AgentOptions.MostGpus}. It is '{gpus}'.");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(AwaitJobs) && result.GetValue(StopJobs))
            {
                result.AddError("--await-jobs and --stop-jobs exclude each other.");
            }
        });
        command.SetAction(async (parsed, _) =>
        {
            try
            {
                await AgentProgram.RunAsync(SettingsOf(parsed));
                return Stopped;
            }
            catch (StartException problem)
            {
                await Console.Error.WriteLineAsync($"The agent cannot start. {problem.Message}");
                return CannotStart;
            }
        });
        return command;
    }

    private static void InRange(Option<double> option, double least, double most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count > 0 && result.GetValueOrDefault<double>() is var value && !(value >= least && value <= most))
        {
            result.AddError($"{option.Name} must be {least} to {most}. It is '{value}'.");
        }
    });

    private static AgentSettings SettingsOf(ParseResult parsed) => new()
    {
        Data = parsed.GetRequiredValue(Data),
        Silos = parsed.GetRequiredValue(Silos),
        Joins = parsed.GetValue(Joins) ?? [],
        Lease = TimeSpan.FromSeconds(parsed.GetValue(Lease)),
        StopWithin = TimeSpan.FromSeconds(parsed.GetValue(StopWithin)),
        Authority = parsed.GetValue(Authority),
        Certificate = parsed.GetValue(Certificate),
        Key = parsed.GetValue(Key),
        Logs = parsed.GetValue(Logs),
        LogRate = (long)(parsed.GetValue(LogRate) * 1024 * 1024),
        JobVariables = parsed.GetValue(JobVariables) ?? [],
        NoLimits = parsed.GetValue(NoLimits),
        JobProcesses = parsed.GetValue(JobProcesses),
        Gpus = parsed.GetValue(Gpus),
        WhenStopped = parsed.GetValue(StopJobs) ? WhenStopped.StopJobs : parsed.GetValue(AwaitJobs) ? WhenStopped.AwaitJobs : WhenStopped.LeaveJobs,
    };
}
