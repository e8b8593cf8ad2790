using System.CommandLine;
using OrleansBatch.Client.Commands;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client;

/// <summary>One run of the program, with whatever surrounds it.</summary>
public static class ConsoleProgram
{
    /// <summary>Reads the command line and does what it says.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="terminal">Streams and environment.</param>
    /// <param name="connection">A connection to a gateway that has begun already; null: none.</param>
    /// <param name="interrupted">Ctrl-C.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        string[] arguments,
        Terminal terminal,
        GatewayConnection? connection = null,
        CancellationToken interrupted = default)
    {
        await using var connections = new Connections(terminal, connection);

        // The last error is the one that names something: before it stands that a command is missing.
        var parsed = CommandTree.Build(terminal, connections).Parse(arguments);
        if (parsed.Errors is [.., var error] && !CommandTree.AsksForHelp(parsed))
        {
            new ErrorReport(ExitCodes.Usage, error.Message, $"See: {CommandTree.PathOf(parsed.CommandResult.Command)} --help")
                .WriteTo(terminal, "understand the command line");
            return ExitCodes.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = terminal.Out,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    // Signals are taken elsewhere: what they mean depends on the command.
                    ProcessTerminationTimeout = null,
                },
                interrupted);
        }
        finally
        {
            await terminal.Out.FlushAsync(CancellationToken.None);
        }
    }
}
