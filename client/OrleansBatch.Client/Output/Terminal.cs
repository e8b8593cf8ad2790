using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansBatch.Client.Output;

/// <summary>What surrounds a run of the program: its three streams, whether a person sits behind them, its environment.</summary>
public sealed class Terminal
{
    /// <summary>Wide enough that nothing is broken into lines: what goes into a pipe is read by a program.</summary>
    private const int PipeWidth = 1000;

    private const int BufferSize = 16 * 1024;

    /// <summary>The answer of a command, or the output of a job. Flushed when the program ends, and by who writes while it goes on.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Everything else.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Where ids and requests come from.</summary>
    public required TextReader In { get; init; }

    /// <summary>Whether a person reads <see cref="Out"/>.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>Whether a person reads <see cref="Error"/>.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Whether a person would have to type what is read from <see cref="In"/>.</summary>
    public bool IsInTerminal { get; init; }

    /// <summary>A variable of the environment.</summary>
    public Func<string, string?> Environment { get; init; } = _ => null;

    /// <summary>The time, and the zone in which times are shown.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>That of this process.</summary>
    public static Terminal OfProcess() => new()
    {
        Out = Writer(Console.OpenStandardOutput(), isFlushedAtOnce: false),
        Error = Writer(Console.OpenStandardError(), isFlushedAtOnce: true),
        In = new StreamReader(Console.OpenStandardInput()),
        IsOutTerminal = !Console.IsOutputRedirected,
        IsErrorTerminal = !Console.IsErrorRedirected,
        IsInTerminal = !Console.IsInputRedirected,
        Environment = System.Environment.GetEnvironmentVariable,
    };

    /// <summary>A console on <see cref="Out"/>, for what changes while it is shown.</summary>
    public IAnsiConsole OutConsole() => ConsoleOn(Out, IsOutTerminal);

    /// <summary>Writes a table or the like on <see cref="Out"/>.</summary>
    public void Write(IRenderable what)
    {
        if (IsOutTerminal)
        {
            OutConsole().Write(what);
            return;
        }

        // Padding serves the eye only.
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        ConsoleOn(text, isTerminal: false).Write(what);
        foreach (var line in text.ToString().TrimEnd().Split('\n'))
        {
            Out.WriteLine(line.TrimEnd());
        }
    }

    /// <summary>A console for what is shown only while a command runs, on <see cref="Error"/>.</summary>
    public IAnsiConsole ErrorConsole() => ConsoleOn(Error, IsErrorTerminal);

    private IAnsiConsole ConsoleOn(TextWriter writer, bool isTerminal)
    {
        var hasColours = isTerminal && string.IsNullOrEmpty(Environment("NO_COLOR"));
        var console = AnsiConsole.Create(new()
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal && Environment("TERM") != "dumb" ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColours ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Yes : InteractionSupport.No,
        });
        if (!isTerminal)
        {
            console.Profile.Width = int.TryParse(Environment("COLUMNS"), CultureInfo.InvariantCulture, out var columns) && columns > 0 ? columns : PipeWidth;
        }

        return console;
    }

    private static StreamWriter Writer(Stream stream, bool isFlushedAtOnce) =>
        new(stream, new System.Text.UTF8Encoding(false), BufferSize) { AutoFlush = isFlushedAtOnce };
}
