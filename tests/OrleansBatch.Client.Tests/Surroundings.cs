using System.Globalization;
using System.Text;
using OrleansBatch.Client.Output;

namespace OrleansBatch.Client.Tests;

/// <summary>What surrounds one run of the program inside a test: pipes, or what it takes for a terminal.</summary>
internal sealed class Surroundings
{
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();

    public Surroundings(string input = "", bool isTerminal = false, bool isInTerminal = false, Dictionary<string, string>? environment = null) => Terminal = new()
    {
        Out = new SharedWriter(_out),
        Error = new SharedWriter(_error),
        In = new StringReader(input),
        IsOutTerminal = isTerminal,
        IsErrorTerminal = isTerminal,
        IsInTerminal = isInTerminal,
        Environment = name => environment?.GetValueOrDefault(name),
    };

    public Terminal Terminal { get; }

    public string Out => Read(_out);

    public string Error => Read(_error);

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    /// <summary>Writes what a test reads meanwhile.</summary>
    private sealed class SharedWriter(StringBuilder text) : TextWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            lock (text)
            {
                _ = text.Append(value);
            }
        }

        public override void Write(string? value)
        {
            lock (text)
            {
                _ = text.Append(value);
            }
        }
    }
}

/// <summary>What came of one run.</summary>
internal sealed record Outcome(int ExitCode, string Out, string Error)
{
    public string[] Lines => Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public string[] ErrorLines => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
