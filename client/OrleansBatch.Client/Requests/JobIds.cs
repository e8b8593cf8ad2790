using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Requests;

/// <summary>The ids of a command: its arguments, or lines of standard input.</summary>
internal static class JobIds
{
    /// <summary>The argument that stands for standard input.</summary>
    public const string StandardInput = "-";

    private const string TableHeading = "JOB";

    /// <summary>The ids, each once, in their order.</summary>
    /// <exception cref="UsageException">There are none.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string[] arguments, Terminal terminal, CancellationToken cancellationToken)
    {
        List<string> ids = [.. arguments.Where(argument => argument != StandardInput)];
        if (arguments.Contains(StandardInput) || (arguments.Length == 0 && !terminal.IsInTerminal))
        {
            while (await terminal.In.ReadLineAsync(cancellationToken) is { } line)
            {
                // The first word: the lines of a table will do, and its heading is none of them.
                if (line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries) is [var id, ..] && id != TableHeading)
                {
                    ids.Add(id);
                }
            }
        }

        return ids.Count > 0
            ? [.. ids.Distinct()]
            : throw new UsageException("No job id is given, neither as argument nor on standard input.");
    }
}
