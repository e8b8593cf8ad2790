using System.CommandLine;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Commands;

/// <summary>A command with examples in its help, whose failures end in three lines and an exit code.</summary>
internal sealed class BatchCommand : Command
{
    private const string Report = "This is a fault of this program. Please report it, with the command line.";

    private readonly CommandServices _services;

    /// <param name="services">What all commands share.</param>
    /// <param name="name">The word on the command line.</param>
    /// <param name="description">What it does, in a line; further lines are shown in its own help alone.</param>
    /// <param name="examples">Command lines as they are typed, without the program's name.</param>
    public BatchCommand(CommandServices services, string name, string description, params string[] examples)
        : base(name, description.Split('\n')[0])
    {
        _services = services;
        Notes = description.Split('\n')[1..];
        Examples = examples;
    }

    /// <summary>What there is to know beyond the first line of the description.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Command lines as they are typed, without the program's name.</summary>
    public IReadOnlyList<string> Examples { get; }

    /// <summary>What it does when it is typed.</summary>
    /// <param name="what">What could not be done when it fails: <c>Could not …</c>.</param>
    /// <param name="action">Gives the exit code.</param>
    /// <param name="failureCode">The exit code of every failure; null: by its kind.</param>
    public BatchCommand Does(string what, Func<CommandContext, Task<int>> action, int? failureCode = null)
    {
        SetAction((parsed, interrupted) => RunAsync(
            parsed,
            what,
            format => action(new(parsed, _services.Connections.Open(parsed, _services.Options), _services.Terminal, format, interrupted)),
            failureCode,
            interrupted));
        return this;
    }

    /// <summary>The same, of what needs no scheduler.</summary>
    /// <param name="what">What could not be done when it fails.</param>
    /// <param name="action">Gives the exit code.</param>
    public BatchCommand DoesHere(string what, Func<ParseResult, Terminal, OutputFormat, int> action)
    {
        SetAction((parsed, interrupted) =>
            RunAsync(parsed, what, format => Task.FromResult(action(parsed, _services.Terminal, format)), failureCode: null, interrupted));
        return this;
    }

    private async Task<int> RunAsync(
        ParseResult parsed,
        string what,
        Func<OutputFormat, Task<int>> action,
        int? failureCode,
        CancellationToken interrupted)
    {
        var terminal = _services.Terminal;
        try
        {
            return await action(parsed.GetValue(_services.Options.Output));
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (Exception failure)
        {
            var report = ErrorReport.Of(failure, CommandTree.PathOf(this, withProgram: false))
                ?? new(ExitCodes.Refused, $"{failure.GetType().Name}: {failure.Message}", Report);
            report.WriteTo(terminal, what);
            return report.ExitCode == ExitCodes.Usage ? ExitCodes.Usage : failureCode ?? report.ExitCode;
        }
    }
}

/// <summary>What all commands share.</summary>
internal sealed record CommandServices(Terminal Terminal, Connections Connections, GlobalOptions Options);
