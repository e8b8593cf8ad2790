namespace OrleansBatch.Client.Requests;

/// <summary>A job's name when none is given.</summary>
internal static class JobNames
{
    private const int LongestName = 128;
    private const string Fallback = "job";

    /// <summary>The command's own name, with what a job's name may not hold made a dash; without a command that of the definition.</summary>
    public static string Of(IReadOnlyList<string>? command, string definition)
    {
        var source = command is [var program, ..] ? Path.GetFileName(program) : definition[(definition.LastIndexOf('/') + 1)..].Split(':')[0];
        var name = string.Concat(source.Select(letter => IsAllowed(letter) ? letter : '-')).TrimStart('-', '_');
        return name.Length switch
        {
            0 => Fallback,
            > LongestName => name[..LongestName],
            _ => name,
        };
    }

    private static bool IsAllowed(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_';
}
