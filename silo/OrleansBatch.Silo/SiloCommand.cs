using System.CommandLine;
using Microsoft.Extensions.Options;
using OrleansBatch.Silo.Options;
using Spectre.Console;

namespace OrleansBatch.Silo;

/// <summary>The command line of the scheduler.</summary>
internal static class SiloCommand
{
    /// <summary>Exit code when the program could not start.</summary>
    private const int CannotStart = 1;

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Folder that holds everything: database, logs, running jobs. Default: orleansbatch in the user's folder for application data.",
        HelpName = "DIR",
    };

    private static readonly Option<int?> Port = new("--port")
    {
        Description = "Port of the AWS Batch endpoint on 127.0.0.1, or on --listen. 0 picks a free one. Default: 8000.",
        HelpName = "N",
    };

    private static readonly Option<int?> GatewayPort = new("--gateway-port")
    {
        Description = "Port of the Orleans gateway on 127.0.0.1, or on --address in a cluster, for orleansbatch --gateway. 0 picks a free one. Default: 30000 when it is free, else any free one.",
        HelpName = "N",
    };

    private static readonly Option<string?> Listen = new("--listen")
    {
        Description = "Address on which the AWS Batch endpoint listens. Default: loopback only. Whoever reaches it can run jobs.",
        HelpName = "IP",
    };

    private static readonly Option<string?> Database = new("--database")
    {
        Description = "Makes this silo one of a cluster: connection string of the PostgreSQL database (15 or later) that its silos share. Better in the environment: it may hold a password.",
        HelpName = "CONNECTION",
    };

    private static readonly Option<string?> ClusterId = new("--cluster-id")
    {
        Description = "In a cluster: which one. Silos of one database and one id belong together. Default: orleansbatch.",
        HelpName = "ID",
    };

    private static readonly Option<string?> Address = new("--address")
    {
        Description = "In a cluster: this silo's address, at which the others and clients of its gateway reach it. Default: 127.0.0.1.",
        HelpName = "IP",
    };

    private static readonly Option<int?> SiloPort = new("--silo-port")
    {
        Description = "Port at which the other silos reach this one. 0 picks a free one. Default: 0.",
        HelpName = "N",
    };

    private static readonly Option<bool?> Bare = new("--bare")
    {
        Description = "Make no default resources and run no sample at the first start.",
    };

    private static readonly Option<bool?> StopJobs = new("--stop-jobs")
    {
        Description = "Stop all jobs when the program ends. Without it they go on and are adopted at the next start.",
    };

    private static readonly Option<bool?> NoLimits = new("--no-limits")
    {
        Description = "Run jobs without limits of memory, processors and processes, also where the kernel offers them (cgroups).",
    };

    private static readonly Option<int?> Gpus = new("--gpus")
    {
        Description = "GPUs of this machine that jobs can get, 0 to 1024. Default: as many as there are NVIDIA devices (/dev/nvidia0 and so on).",
        HelpName = "N",
    };

    private static readonly Option<string?> InstanceCatalogue = new("--instance-catalogue")
    {
        Description = "JSON file with the instance types that modelled hosts can be of. Default: the built-in catalogue.",
        HelpName = "FILE",
    };

    private static readonly Option<int?> AgentPort = new("--agent-port")
    {
        Description = "Port at which orleansbatch-agent connects, on all addresses, with mutual TLS. 0 picks a free one. Default: none.",
        HelpName = "N",
    };

    private static readonly Option<bool?> PlaintextAgents = new("--plaintext-agents")
    {
        Description = "Agents need no certificate; their port is then on 127.0.0.1 only.",
    };

    private static readonly Option<string?> CertificateAuthority = new("--ca")
    {
        Description = "Certificate of the cluster's authority (PEM). With --certificate and --key, silos, agents and clients of the gateway speak mutual TLS.",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Certificate = new("--certificate")
    {
        Description = "This silo's certificate (PEM).",
        HelpName = "FILE",
    };

    private static readonly Option<string?> CertificateKey = new("--key")
    {
        Description = "The certificate's private key (PEM).",
        HelpName = "FILE",
    };

    private static readonly Option<string?> Account = new("--account")
    {
        Description = "Account that everything belongs to: 12 digits. Default: 123456789012.",
        HelpName = "ID",
    };

    private static readonly Option<string?> Region = new("--region")
    {
        Description = "Region of requests that name none, and of the default resources. Default: us-east-1.",
        HelpName = "NAME",
    };

    /// <summary>The root command.</summary>
    public static RootCommand Build()
    {
        var command = new RootCommand(
            """
            Runs OrleansBatch: alone on this machine, an AWS Batch endpoint whose jobs really run here; or, with --database, as one silo of a cluster, whose agents run the jobs.
            Every option can also be set in appsettings.json ("OrleansBatch": { "Port": 8000 }) or in the environment (OrleansBatch__Port=8000).
            """)
        {
            Data,
            Port,
            GatewayPort,
            Listen,
            Database,
            ClusterId,
            Address,
            SiloPort,
            Bare,
            StopJobs,
            NoLimits,
            Gpus,
            InstanceCatalogue,
            AgentPort,
            PlaintextAgents,
            CertificateAuthority,
            Certificate,
            CertificateKey,
            Account,
            Region,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        try
        {
            await SiloHost.RunAsync(Given(arguments), cancellationToken);
            return 0;
        }
        catch (Exception exception) when (exception is StartException or OptionsValidationException)
        {
            Complain(exception.Message);
            return CannotStart;
        }
    }

    /// <summary>The options that stand on the command line: they go before all other settings.</summary>
    private static Dictionary<string, string?> Given(ParseResult arguments)
    {
        Dictionary<string, string?> given = [];
        foreach (var (name, value) in new (string, object?)[]
        {
            (nameof(BatchOptions.Data), FullPath(arguments.GetValue(Data))),
            (nameof(BatchOptions.Port), arguments.GetValue(Port)),
            (nameof(BatchOptions.GatewayPort), arguments.GetValue(GatewayPort)),
            (nameof(BatchOptions.Listen), arguments.GetValue(Listen)),
            (nameof(BatchOptions.Database), arguments.GetValue(Database)),
            (nameof(BatchOptions.ClusterId), arguments.GetValue(ClusterId)),
            (nameof(BatchOptions.Address), arguments.GetValue(Address)),
            (nameof(BatchOptions.SiloPort), arguments.GetValue(SiloPort)),
            (nameof(BatchOptions.Bare), arguments.GetValue(Bare)),
            (nameof(BatchOptions.StopJobs), arguments.GetValue(StopJobs)),
            (nameof(BatchOptions.NoLimits), arguments.GetValue(NoLimits)),
            (nameof(BatchOptions.Gpus), arguments.GetValue(Gpus)),
            (nameof(BatchOptions.InstanceCatalogue), FullPath(arguments.GetValue(InstanceCatalogue))),
            (nameof(BatchOptions.AgentPort), arguments.GetValue(AgentPort)),
            (nameof(BatchOptions.PlaintextAgents), arguments.GetValue(PlaintextAgents)),
            (nameof(BatchOptions.CertificateAuthority), FullPath(arguments.GetValue(CertificateAuthority))),
            (nameof(BatchOptions.Certificate), FullPath(arguments.GetValue(Certificate))),
            (nameof(BatchOptions.CertificateKey), FullPath(arguments.GetValue(CertificateKey))),
            (nameof(BatchOptions.Account), arguments.GetValue(Account)),
            (nameof(BatchOptions.Region), arguments.GetValue(Region)),
        })
        {
            if (value is not null)
            {
                given[$"{BatchOptions.Section}:{name}"] = Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        return given;
    }

    private static string? FullPath(string? path) => path is null ? null : Path.GetFullPath(path);

    private static void Complain(string message)
    {
        var error = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        error.MarkupLineInterpolated($"[red]OrleansBatch cannot start.[/] {message}");
    }
}
