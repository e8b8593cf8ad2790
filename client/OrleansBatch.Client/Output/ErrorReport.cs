using OrleansBatch.Client.Transports;
using OrleansBatch.Model;

namespace OrleansBatch.Client.Output;

/// <summary>The command line, or what came with it, cannot be understood.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>Something named does not exist.</summary>
/// <param name="message">Which.</param>
/// <param name="hint">How to see what does.</param>
internal sealed class NotFoundException(string message, string hint) : Exception(message)
{
    public string Hint { get; } = hint;
}

/// <summary>Every error in three lines: what, why, what to do.</summary>
/// <param name="ExitCode">The program's.</param>
/// <param name="Why">The scheduler's words, or what happened.</param>
/// <param name="Hint">What to do.</param>
internal sealed record ErrorReport(int ExitCode, string Why, string Hint)
{
    /// <summary>The one place where exceptions become lines and exit codes; null: it is none that a user can have caused.</summary>
    public static ErrorReport? Of(Exception failure, string command) => failure switch
    {
        UsageException or FormatException => new(ExitCodes.Usage, failure.Message, $"See: orleansbatch {command} --help"),
        NotFoundException missing => new(ExitCodes.NotFound, missing.Message, missing.Hint),
        UnreachableException => new(
            ExitCodes.Unreachable, failure.Message, "Start the scheduler (OrleansBatch.Silo), or name the right one with --endpoint URL or --gateway HOST:PORT."),
        ServiceFailureException => new(ExitCodes.Unreachable, failure.Message, "Try again; the scheduler's own log says more."),
        BatchClientException => new(CodeOf(failure.Message), failure.Message, HintFor(failure.Message, command)),
        IOException or UnauthorizedAccessException => new(ExitCodes.Usage, failure.Message, $"See: orleansbatch {command} --help"),
        _ => null,
    };

    /// <summary>Writes the three lines, after whatever was answered before.</summary>
    public void WriteTo(Terminal terminal, string what)
    {
        terminal.Out.Flush();
        terminal.Error.WriteLine($"Could not {what}.");
        terminal.Error.WriteLine($"  {OneLine(Why)}");
        terminal.Error.WriteLine($"  {Hint}");
    }

    private static int CodeOf(string message) => IsAbout(message, "does not exist") ? ExitCodes.NotFound : ExitCodes.Refused;

    private static string HintFor(string message, string command) =>
        IsAbout(message, "must be DISABLED") ? $"Disable it first: orleansbatch {command.Split(' ')[0]} update NAME --state DISABLED, or delete it with --force."
        : IsAbout(message, "JobQueue relationship") ? "Take it out of its queues or delete those first: orleansbatch queues"
        : IsAbout(message, "JobId: ") ? "See which there are: orleansbatch jobs"
        : IsAbout(message, "JobDefinition") ? "See which there are: orleansbatch definitions"
        : IsAbout(message, "Compute Environment") ? "See which there are: orleansbatch environments"
        : IsAbout(message, "queue") ? "See which there are: orleansbatch queues"
        : IsAbout(message, "ComputeEnvironment") ? "See which there are: orleansbatch environments"
        : $"Change what was refused; see: orleansbatch {command} --help";

    private static bool IsAbout(string message, string words) => message.Contains(words, StringComparison.OrdinalIgnoreCase);

    private static string OneLine(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
