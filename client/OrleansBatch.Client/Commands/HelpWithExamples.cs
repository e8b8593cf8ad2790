using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace OrleansBatch.Client.Commands;

/// <summary>The usual help, then the command as it is typed.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is BatchCommand { Notes: { Count: > 0 } notes })
        {
            output.WriteLine("Notes:");
            foreach (var note in notes)
            {
                output.WriteLine($"  {note}");
            }

            output.WriteLine();
        }

        output.WriteLine("Examples:");
        foreach (var example in CommandTree.ExamplesOf(parseResult.CommandResult.Command))
        {
            output.WriteLine($"  orleansbatch {example}");
        }

        return code;
    }
}
