using System.CommandLine;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;

namespace OrleansBatch.Client.Commands;

/// <summary>What a command has to work with.</summary>
/// <param name="Parsed">Its arguments and options.</param>
/// <param name="Client">The scheduler.</param>
/// <param name="Terminal">The streams.</param>
/// <param name="Format">How to answer.</param>
/// <param name="Interrupted">Ctrl-C.</param>
internal sealed record CommandContext(ParseResult Parsed, IBatchClient Client, Terminal Terminal, OutputFormat Format, CancellationToken Interrupted)
{
    /// <summary>Whether to answer in JSON.</summary>
    public bool IsJson => Format == OutputFormat.Json;

    /// <summary>The value of an option.</summary>
    public T? Get<T>(Option<T> option) => Parsed.GetValue(option);

    /// <summary>The value of an argument.</summary>
    public T? Get<T>(Argument<T> argument) => Parsed.GetValue(argument);
}
