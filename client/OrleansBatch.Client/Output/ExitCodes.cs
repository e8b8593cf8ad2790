namespace OrleansBatch.Client.Output;

/// <summary>The exit codes of the program, as its help lists them.</summary>
public static class ExitCodes
{
    /// <summary>Done as asked.</summary>
    public const int Done = 0;

    /// <summary>The scheduler refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line cannot be understood.</summary>
    public const int Usage = 2;

    /// <summary>The scheduler cannot be reached, or failed on its side.</summary>
    public const int Unreachable = 3;

    /// <summary>Something named does not exist.</summary>
    public const int NotFound = 4;

    /// <summary><c>wait</c>: a job failed.</summary>
    public const int JobFailed = 5;

    /// <summary>The time given with <c>--timeout</c> of <c>wait</c> is over.</summary>
    public const int TimedOut = 124;

    /// <summary><c>run</c>: the job could not be run at all, for whatever reason: every other code but 126 and 130 is the job's.</summary>
    public const int NotRun = 125;

    /// <summary><c>run</c>: the job failed without an exit code of its own.</summary>
    public const int NoExitCode = 126;

    /// <summary>Ctrl-C.</summary>
    public const int Interrupted = 130;
}
