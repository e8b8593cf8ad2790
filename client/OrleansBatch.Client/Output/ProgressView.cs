using System.Text;
using Spectre.Console;

namespace OrleansBatch.Client.Output;

/// <summary>What may be written while something is waited for.</summary>
/// <param name="Out">Instead of standard output: on a terminal its lines go above the bar.</param>
/// <param name="Error">Instead of standard error, likewise.</param>
/// <param name="Counted">Is told how far it has come.</param>
internal sealed record ProgressView(TextWriter Out, TextWriter Error, Action<StatusCounts> Counted)
{
    /// <summary>Runs what waits, with a bar below its lines on a terminal.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="isToldInLines">Whether lines tell of arrays where there is no terminal for a bar.</param>
    /// <param name="wait">What waits.</param>
    public static Task<T> DuringAsync<T>(Terminal terminal, bool isToldInLines, Func<ProgressView, Task<T>> wait) =>
        terminal.IsErrorTerminal ? WithBarAsync(terminal, wait)
        : wait(new(terminal.Out, terminal.Error, isToldInLines ? new ProgressLines(terminal.Error, terminal.Time).Show : _ => { }));

    private static Task<T> WithBarAsync<T>(Terminal terminal, Func<ProgressView, Task<T>> wait)
    {
        var console = terminal.ErrorConsole();
        return console.Progress().AutoClear(true).HideCompleted(false)
            .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(async progress =>
            {
                var bar = progress.AddTask("waiting");
                using var lines = new LinesAbove(console);
                return await wait(new(terminal.IsOutTerminal ? lines : terminal.Out, lines, counts =>
                {
                    bar.MaxValue = Math.Max(counts.Total, 1);
                    bar.Value = counts.Ended;
                    bar.Description = Markup.Escape(counts.Text);
                }));
            });
    }

    /// <summary>Writes whole lines above what is redrawn.</summary>
    private sealed class LinesAbove(IAnsiConsole console) : TextWriter
    {
        private readonly StringBuilder _line = new();

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value)
        {
            if (value != '\n')
            {
                _ = _line.Append(value);
                return;
            }

            console.WriteLine(_line.ToString());
            _ = _line.Clear();
        }

        public override void WriteLine(string? value)
        {
            console.WriteLine(_line.Append(value).ToString());
            _ = _line.Clear();
        }
    }
}

/// <summary>Progress in lines, for who reads them later: one a second at most, and the last.</summary>
internal sealed class ProgressLines(TextWriter writer, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private string _told = string.Empty;
    private long _toldAt = time.GetTimestamp();

    /// <summary>Writes a line when there is news. Of single jobs there is none: each has a line of its own at its end.</summary>
    public void Show(StatusCounts counts)
    {
        var text = $"{counts.EndedOfTotal} ended: {counts.FullText}";
        var isDue = _told.Length == 0 || counts.Ended == counts.Total || time.GetElapsedTime(_toldAt) >= Between;
        if (!counts.HasArrays || text == _told || !isDue)
        {
            return;
        }

        (_told, _toldAt) = (text, time.GetTimestamp());
        writer.WriteLine(text);
    }
}
