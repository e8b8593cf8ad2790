using System.Globalization;
using Spectre.Console;

namespace OrleansBatch.Client.Output;

/// <summary>How full something is: drawn for people, a number for programs.</summary>
internal static class LoadBar
{
    private const int Width = 10;
    private const string Eighths = " ▏▎▍▌▋▊▉";

    /// <summary>The bar.</summary>
    /// <param name="part">0 to 1.</param>
    /// <param name="isTerminal">Whether a person reads it.</param>
    public static Text Of(double part, bool isTerminal)
    {
        var percent = string.Create(CultureInfo.InvariantCulture, $"{part * 100:0} %");
        if (!isTerminal)
        {
            return new(percent);
        }

        var eighths = (int)Math.Round(part * Width * 8);
        var bar = new string('█', eighths / 8) + (eighths % 8 == 0 ? string.Empty : Eighths[eighths % 8].ToString());
        return new($"{bar.PadRight(Width, '░')} {percent,5}", new(part switch
        {
            >= 0.9 => Color.Red,
            >= 0.6 => Color.Yellow,
            _ => Color.Green,
        }));
    }
}
