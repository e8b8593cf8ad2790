using System.Globalization;
using System.Net.Sockets;
using OrleansBatch.Processes;
using OrleansBatch.Supervisor;

// Starts attempts and outlives the agent that orders them. Started by the agent, with the directory's lock as descriptor 3 and the listening socket as descriptor 4.
// Both came open, so that there is no moment in which nobody holds the lock or nobody listens.
const int LockNumber = 3;
const int SocketNumber = 4;
const int StartingThreads = 2;

if (args is not ["--directory", var directory, "--idle-seconds", var idleText, "--cgroup", var cgroup]
    || !int.TryParse(idleText, NumberStyles.None, CultureInfo.InvariantCulture, out var idleSeconds))
{
    Console.Error.WriteLine("The supervisor is started by the agent: --directory DIR --idle-seconds N --cgroup NAME, and two open descriptors.");
    return 2;
}

using var heldLock = new FileDescriptor(LockNumber);
using var listener = new Socket(new SafeSocketHandle(SocketNumber, ownsHandle: true));
var time = TimeProvider.System;
ChildProcess.BecomeSubreaper();
var groups = AttemptGroups.Begin(directory, cgroup);
var (journalId, history, journal) = Recovery.Begin(Path.Combine(directory, "journal"), time);

var queue = new StartQueue();
var clerk = new Clerk(journal, queue);
var directories = new WorkingDirectories(Path.Combine(directory, "attempts"), time);
directories.Inherit();
var book = new AttemptBook(journalId, history, journal, clerk, queue, directories, groups, new(BootTime.Milliseconds), time);
var logs = new LogDirectories();

Run("clerk", clerk.Run);
Run("reaper", () => Reap(book));
Run("removals", directories.RunRemovals);
Run("groups", groups.RunRemovals);
Run("leavings", book.Leavings.Run);
for (var i = 0; i < StartingThreads; i++)
{
    Run("starter", new Starter(book, queue, directories, logs, groups).Run);
}

Run("deadlines", new Deadlines(book).Run);
Run("lookout", () =>
{
    using var lookout = new Lookout(book, directories, time, TimeSpan.FromSeconds(idleSeconds));
    lookout.Run();
});

// The first thread starts no process, so that its children are the orphans that were adopted.
while (true)
{
    try
    {
        var connection = new AgentConnection(listener.Accept());
        Run("agent", () => connection.Read(book));
    }
    catch (SocketException problem)
    {
        // Out of descriptors, say. The attempts must not suffer for it.
        SupervisorLog.Write($"An agent could not be heard: {problem.Message}");
        Thread.Sleep(TimeSpan.FromSeconds(1));
    }
}

static void Reap(AttemptBook book)
{
    while (true)
    {
        var pid = ChildProcess.WaitForAny();
        if (pid == 0)
        {
            book.WaitForProcess();
        }
        else
        {
            book.Reap(pid);
        }
    }
}

static void Run(string name, Action work) =>
    new Thread(() => work()) { Name = name, IsBackground = true }.Start();
