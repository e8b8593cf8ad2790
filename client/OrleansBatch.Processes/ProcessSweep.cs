namespace OrleansBatch.Processes;

/// <summary>Kills all processes of the machine that fit a description, also those that are born meanwhile.</summary>
public static class ProcessSweep
{
    // A killed process can have had children that the same look did not see; their children are seen by the next.
    private const int Rounds = 20;

    /// <summary>SIGKILL to all that fit, look by look, until a look finds none alive.</summary>
    /// <param name="fits">Whether a living process is meant.</param>
    /// <param name="patience">How long to wait for each to be gone.</param>
    /// <returns>False when some would not go.</returns>
    public static bool Kill(Func<int, ProcessStatus, bool> fits, TimeSpan patience)
    {
        for (var round = 0; round < Rounds; round++)
        {
            List<ProcessIdentity> found = [];
            foreach (var pid in ProcessTable.Pids())
            {
                if (ProcessStatus.Read(pid) is { IsDead: false } status && fits(pid, status))
                {
                    found.Add(new(pid, status.StartTicks));
                }
            }

            if (found.Count == 0)
            {
                return true;
            }

            found.ForEach(process => process.Kill());
            found.ForEach(process => process.WaitForEnd(patience));
        }

        return false;
    }
}
