namespace OrleansBatch.Processes;

/// <summary>Finds a program as a shell would: by a slash, or in a PATH.</summary>
public static class ProgramSearch
{
    private const int Executable = 1;

    /// <summary>The value of PATH when the environment has none.</summary>
    public const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>Every file that may be meant, best first. A name with a slash is itself.</summary>
    public static IEnumerable<string> Candidates(string program, IReadOnlyList<string> environment)
    {
        if (program.Contains('/', StringComparison.Ordinal))
        {
            yield return program;
            yield break;
        }

        foreach (var directory in PathOf(environment).Split(':'))
        {
            // A relative entry would mean the attempt's own directory, which is empty.
            if (directory.StartsWith('/') && Libc.Access($"{directory}/{program}", Executable) == 0)
            {
                yield return $"{directory}/{program}";
            }
        }
    }

    /// <summary>Why a file could not be executed, as far as that can be told without trying.</summary>
    public static OsError ProblemOf(string path) => Libc.Access(path, Executable) == 0
        ? Directory.Exists(path) ? OsError.PermissionDenied : default
        : File.Exists(path) ? OsError.PermissionDenied : OsError.NotFound;

    private static string PathOf(IReadOnlyList<string> environment)
    {
        for (var i = environment.Count - 1; i >= 0; i--)
        {
            if (environment[i].StartsWith("PATH=", StringComparison.Ordinal))
            {
                return environment[i][5..];
            }
        }

        return DefaultPath;
    }
}
