using OrleansBatch.Silo.Options;
using Spectre.Console;

namespace OrleansBatch.Silo.FirstStart;

/// <summary>What the program says when it is up.</summary>
internal static class Welcome
{
    /// <summary>Where the endpoint is, and who may use it.</summary>
    public static void SayWhere(Uri endpoint, int? agentPort, BatchOptions options, string nodeId)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold green]OrleansBatch is ready:[/] {Address(endpoint)}");
        AnsiConsole.MarkupLineInterpolated($"  Gateway for orleansbatch --gateway: 127.0.0.1:{options.GatewayPort}");
        AnsiConsole.MarkupLineInterpolated($"  Data in {options.Data}, node {nodeId}, account {options.Account}.");
        if (agentPort is not null)
        {
            AnsiConsole.MarkupLineInterpolated($"  Agents of other machines: port {agentPort}, {(options.PlaintextAgents ? "without TLS, on loopback" : "mutual TLS")}.");
        }

        if (options.Listen is null)
        {
            AnsiConsole.MarkupLine("  The endpoint listens on loopback only and accepts any credentials: every user of this machine can run jobs as this user.");
        }
        else
        {
            AnsiConsole.MarkupLineInterpolated($"  [yellow]The endpoint listens on {options.Listen} and accepts any credentials:[/] whoever reaches it can run jobs as this user.");
        }

        AnsiConsole.MarkupLine("  Jobs run as processes of this user. Their images are not pulled.");
    }

    /// <summary>The same of a silo in a cluster.</summary>
    public static void SayWhereOfCluster(Uri endpoint, int? agentPort, BatchOptions options)
    {
        AnsiConsole.MarkupLineInterpolated($"[bold green]OrleansBatch is ready:[/] {Address(endpoint)}, a silo of cluster {options.ClusterId}");
        AnsiConsole.MarkupLineInterpolated($"  Gateway for orleansbatch --gateway: {options.Address}:{options.GatewayPort}");
        AnsiConsole.MarkupLineInterpolated($"  Agents: {(agentPort is { } port ? $"at port {port}" : "none arrive here, there is no --agent-port")}");
        AnsiConsole.MarkupLine(options.CertificateAuthority is null
            ? "  [yellow]Silos and gateway clients speak without certificates:[/] whoever reaches their ports may call any grain. See --ca."
            : "  Silos, gateway clients and agents speak mutual TLS.");
        AnsiConsole.MarkupLine("  It accepts any credentials: whoever reaches it can run jobs.");
    }

    /// <summary>Three commands to type, as they would be typed.</summary>
    public static void SayWhatToTry(Uri endpoint, BatchOptions options)
    {
        var aws = $"aws --endpoint-url {Address(endpoint)} --region {options.Region} batch";
        AnsiConsole.MarkupLine("[bold]Try, in another terminal[/] (any credentials will do, such as AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x):");
        foreach (var command in options.Bare
            ? [$"{aws} describe-compute-environments", $"{aws} describe-job-queues", $"{aws} describe-job-definitions"]
            : new[]
            {
                $"{aws} submit-job --job-name hello --job-queue default --job-definition shell --parameters command='echo hello; sleep 30'",
                $"{aws} list-jobs --job-queue default --job-status RUNNING",
                $"{aws} describe-jobs --jobs JOB_ID",
            })
        {
            // Never wrapped: it must survive being copied.
            Console.WriteLine("  " + command);
        }

        AnsiConsole.MarkupLine(options.StopJobs
            ? "Ctrl-C ends the program and stops its jobs."
            : "Ctrl-C ends the program; running jobs go on and are adopted at the next start.");
    }

    private static string Address(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Authority);
}
