using Spectre.Console;
using Spectre.Console.Rendering;

namespace OrleansBatch.Client.Output;

/// <summary>How tables look: no lines, so that they can be cut with the usual tools.</summary>
internal static class Tables
{
    private static readonly Style Heading = new(decoration: Decoration.Bold);

    /// <summary>A table with these headings.</summary>
    public static Table Of(params string[] headings)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var heading in headings)
        {
            _ = table.AddColumn(new TableColumn(new Text(heading, Heading)) { NoWrap = true, Padding = new(0, 0, 2, 0) });
        }

        return table;
    }

    /// <summary>Lets a column give way on a narrow terminal, so that the others stay whole.</summary>
    public static Table Yielding(this Table table, int column)
    {
        table.Columns[column].NoWrap = false;
        return table;
    }

    /// <summary>A row of plain texts, in which a status has its colour.</summary>
    public static void Add(this Table table, params string[] cells) => _ = table.AddRow(cells.Select(Cell));

    /// <summary>Names and values below each other; what has no value is left out.</summary>
    public static IRenderable Facts(IEnumerable<(string Name, string? Value)> facts)
    {
        var table = Of(string.Empty, string.Empty).HideHeaders().Yielding(1);
        foreach (var (name, value) in facts)
        {
            if (!string.IsNullOrEmpty(value))
            {
                _ = table.AddRow(new Text(name, Heading), Cell(value));
            }
        }

        return table;
    }

    /// <summary>A plain text; a status has its colour.</summary>
    public static Text Cell(string text) => new(text, text switch
    {
        "SUCCEEDED" or "VALID" or "ENABLED" or "ACTIVE" => new(Color.Green),
        "FAILED" or "INVALID" => new(Color.Red),
        "RUNNING" or "STARTING" or "LAUNCHING" => new(Color.Blue),
        "RUNNABLE" or "SUBMITTED" or "PENDING" or "DELETING" or "UPDATING" or "DRAINING" or "INTERRUPTED" => new(Color.Yellow),
        "DISABLED" or "INACTIVE" or "ENDED" => new(Color.Grey),
        _ => Style.Plain,
    });
}
