using OrleansBatch.Processes;
using OrleansBatch.Processes.Cgroups;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>Starts the attempts that wait, one after another; there are two or so of these threads.</summary>
internal sealed class Starter(AttemptBook book, StartQueue queue, WorkingDirectories directories, LogDirectories logs, AttemptGroups groups) : IDisposable
{
    private readonly ProcessLauncher _launcher = new();

    /// <summary>The group that this thread started something in last, and may still be in.</summary>
    private Cgroup? _last;

    /// <summary>Works for ever.</summary>
    public void Run()
    {
        while (true)
        {
            var attempt = queue.Take();
            if (!book.BeginStart(attempt))
            {
                continue;
            }

            string? problem;
            int pid;
            var before = ProcessIdentity.TicksSinceBoot();
            try
            {
                problem = Start(attempt, attempt.Start!, out pid);
            }
            catch (Exception unexpected) when (unexpected is IOException or UnauthorizedAccessException or OutOfMemoryException)
            {
                // One attempt's trouble must not end the thread that starts the others.
                (problem, pid) = (unexpected.Message, 0);
            }

            if (problem is not null)
            {
                book.FailedToStart(attempt, $"CannotStartContainerError: {problem}");
            }
            else
            {
                // To read its true start would cost a hundredth of a start; it lies between these two, mostly one and the same.
                book.Started(attempt, new(pid, before), ProcessIdentity.TicksSinceBoot());
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _launcher.Dispose();

    private string? Start(Attempt attempt, AttemptStart order, out int pid)
    {
        pid = 0;
        if (order.Unstartable is not null)
        {
            return order.Unstartable;
        }

        if (directories.Take(out var directory) is { IsNone: false } noDirectory)
        {
            return $"working directory {directory}: {noDirectory}";
        }

        attempt.WorkingDirectory = directory;
        logs.Make(order.Log);
        EnterGroup(attempt, order.Limits);
        var program = order.Command[0];
        string[] environment = [$"{AttemptKey.MarkVariable}={attempt.Key.Mark(book.JournalId)}", .. order.Variables];
        var result = OsError.NotFound;
        foreach (var path in ProgramSearch.Candidates(program, order.Variables))
        {
            var start = new ProcessStart
            {
                Path = path,
                Arguments = order.Command,
                Environment = environment,
                WorkingDirectory = directory,
                OutputPath = order.Log,
            };
            var error = Start(attempt.Group, start, out pid);
            if (error.IsNone)
            {
                return null;
            }

            // As execvp: a file that may not be run does not end the search, but is what is said if nothing better comes.
            if (error != OsError.NotFound && error != OsError.NotADirectory)
            {
                result = error;
            }

            if (error != OsError.NotFound && error != OsError.NotADirectory && error != OsError.PermissionDenied)
            {
                break;
            }
        }

        return logs.Problem(order.Log) ?? Describe(program, result);
    }

    private void EnterGroup(Attempt attempt, AttemptLimits? limits)
    {
        if (limits is null)
        {
            attempt.Unlimited = "switched off";
            return;
        }

        attempt.Unlimited = groups.Problem;
        attempt.Group = groups.Take(limits, _last);
    }

    private OsError Start(Cgroup? group, ProcessStart start, out int pid)
    {
        if (group is not null)
        {
            _last = group;
            return group.Start(_launcher, start, out pid);
        }

        if (_last is not null)
        {
            if (groups.Leave() is { IsNone: false } stuck)
            {
                pid = 0;
                return stuck;
            }

            _last = null;
        }

        return _launcher.Start(start, out pid);
    }

    private static string Describe(string program, OsError error) =>
        error == OsError.NotFound && !program.Contains('/', StringComparison.Ordinal)
            ? $"exec: \"{program}\": executable file not found in $PATH"
            : $"exec: \"{program}\": {error}";
}
