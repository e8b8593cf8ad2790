using OrleansBatch.Processes;

namespace OrleansBatch.Supervisor;

/// <summary>The directories that logs lie in, made once each.</summary>
internal sealed class LogDirectories
{
    private const int Known = 4096;

    private readonly Lock _gate = new();
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    /// <summary>Makes the directory of a log, unless it has been made already.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public void Make(string log)
    {
        var directory = Path.GetDirectoryName(log) ?? "/";
        lock (_gate)
        {
            if (_made.Contains(directory))
            {
                return;
            }
        }

        Directory.CreateDirectory(directory);
        lock (_gate)
        {
            if (_made.Count >= Known)
            {
                _made.Clear();
            }

            _made.Add(directory);
        }
    }

    /// <summary>Why a log could not be opened: asked when a start failed, which does not say at what.</summary>
    /// <returns>Null when nothing is wrong with it.</returns>
    public string? Problem(string log)
    {
        try
        {
            FileDescriptor.OpenAppend(log).Dispose();
            return null;
        }
        catch (IOException problem)
        {
            // The directory may have been taken away since: the next start makes it anew.
            lock (_gate)
            {
                _made.Clear();
            }

            return $"log {problem.Message}";
        }
    }
}
