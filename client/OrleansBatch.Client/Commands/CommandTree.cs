using System.CommandLine;
using System.CommandLine.Help;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Commands;

/// <summary>All commands, and what their help has in common.</summary>
internal static class CommandTree
{
    private const string Program = "orleansbatch";

    private const string Description =
        """
        Runs and watches batch jobs on OrleansBatch, or on any other scheduler that speaks AWS Batch.

        Exit codes:
          0    done as asked
          1    the scheduler refused
          2    the command line cannot be understood
          3    the scheduler cannot be reached, or failed on its side
          4    something named does not exist
          5    wait: a job failed
          124  wait: the time of --timeout is over
          130  Ctrl-C
        Of run: the job's own exit code, and
          125  the job could not be run; the lines on standard error say why
          126  the job failed without an exit code: it was stopped before it began, or its host was lost
        """;

    private static readonly string[] Examples =
    [
        "run -- sh -c 'echo hi; exit 3'",
        "jobs --watch",
        "jobs --status RUNNING -o json",
        "queues --gateway 127.0.0.1:30000",
    ];

    /// <summary>The whole tree.</summary>
    public static RootCommand Build(Terminal terminal, Connections connections)
    {
        var options = new GlobalOptions();
        var services = new CommandServices(terminal, connections, options);
        var root = new RootCommand(Description)
        {
            RunCommand.Create(services),
            SubmitCommand.Create(services),
            JobsCommand.Create(services),
            DescribeCommand.Create(services),
            WhyCommand.Create(services),
            LogsCommand.Create(services),
            StopCommands.CreateCancel(services),
            StopCommands.CreateTerminate(services),
            WaitCommand.Create(services),
            QueuesCommand.Create(services),
            EnvironmentsCommand.Create(services),
            HostsCommand.Create(services),
            DefinitionsCommand.Create(services),
            EventsCommand.Create(services),
            WebhooksCommand.Create(services),
            CertificatesCommand.Create(services),
        };
        options.AddTo(root);
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help } option)
        {
            option.Action = new HelpWithExamples(help);
        }

        return root;
    }

    /// <summary>Examples of a command.</summary>
    public static IReadOnlyList<string> ExamplesOf(Command command) => command is BatchCommand batch ? batch.Examples : Examples;

    /// <summary>Whether the command line asks for help, with which nothing can be wrong.</summary>
    public static bool AsksForHelp(ParseResult parsed) => parsed.Action is HelpWithExamples;

    /// <summary>The words that lead to a command.</summary>
    public static string PathOf(Command command, bool withProgram = true)
    {
        List<string> words = [];
        Symbol? at = command;
        while (at is Command and not RootCommand)
        {
            words.Insert(0, at.Name);
            at = at.Parents.FirstOrDefault();
        }

        return string.Join(' ', withProgram ? [Program, .. words] : words);
    }
}
