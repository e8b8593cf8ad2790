namespace OrleansBatch.Processes;

/// <summary>Signals to processes of our own: those that cannot have been replaced, since only we reap them.</summary>
public static class ProcessSignal
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Sends a signal to one process. One that is gone is no error.</summary>
    public static void Send(int pid, int signal) => _ = Libc.Kill(pid, signal);

    /// <summary>Sends a signal to a whole process group. None left is no error.</summary>
    public static void SendToGroup(int group, int signal) => _ = Libc.Kill(-group, signal);
}
