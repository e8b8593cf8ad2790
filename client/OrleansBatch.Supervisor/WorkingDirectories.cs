using System.Globalization;
using OrleansBatch.Processes;

namespace OrleansBatch.Supervisor;

/// <summary>The directories that attempts begin in: numbered, empty, each one attempt's at a time.</summary>
/// <remarks>
/// One that was left empty serves again; one that was not is removed with all that is in it, and its number is not used
/// again. To make and remove one per attempt would cost a twentieth of a start, and far more where new inodes are dear while
/// many have just been freed: ext4 without a journal looks past each that was freed in the last minutes, which halved the
/// rate of starts.
/// </remarks>
internal sealed class WorkingDirectories(string root, TimeProvider time)
{
    private const int MostKept = 8192;

    // By then whatever had left the attempt's group has been found and killed.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1.5);

    private readonly Lock _gate = new();
    private readonly Bell _filled = new();
    private readonly Queue<string> _full = new();
    private readonly Queue<string> _kept = new();
    private readonly Queue<(string Path, long At)> _released = new();
    private long _last;

    /// <summary>Gives an empty directory out.</summary>
    /// <param name="path">Where it is.</param>
    /// <returns>No error, or why none can be made.</returns>
    public OsError Take(out string path)
    {
        lock (_gate)
        {
            if (_kept.TryDequeue(out path!))
            {
                return default;
            }
        }

        return Make(out path);
    }

    /// <summary>Says that its attempt is over. Costs nothing now; <see cref="Sweep"/> sees to it.</summary>
    public void Release(string path)
    {
        lock (_gate)
        {
            _released.Enqueue((path, time.GetTimestamp()));
        }
    }

    /// <summary>Keeps the directories of attempts that are over, or leaves them to <see cref="RunRemovals"/>.</summary>
    public void Sweep()
    {
        while (TakeRested() is { } path)
        {
            KeepOrRemove(path);
        }
    }

    /// <summary>Removes full directories for ever: in a thread of its own, for it can take long.</summary>
    public void RunRemovals()
    {
        while (true)
        {
            _filled.Wait();
            string path;
            lock (_gate)
            {
                path = _full.Dequeue();
            }

            Remove(path);
        }
    }

    /// <summary>Takes over, or removes, what an earlier supervisor left.</summary>
    public void Inherit()
    {
        Directory.CreateDirectory(root);
        foreach (var path in Directory.GetDirectories(root))
        {
            if (long.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                _last = Math.Max(_last, number);
            }

            KeepOrRemove(path);
        }
    }

    private OsError Make(out string path)
    {
        path = $"{root}/{Interlocked.Increment(ref _last)}";
        var error = Files.MakeDirectory(path);
        if (error == OsError.NotFound)
        {
            Directory.CreateDirectory(root);
            error = Files.MakeDirectory(path);
        }

        return error;
    }

    private void KeepOrRemove(string path)
    {
        var keep = Files.IsFreshDirectory(path);
        lock (_gate)
        {
            if (keep && _kept.Count < MostKept)
            {
                _kept.Enqueue(path);
                return;
            }

            _full.Enqueue(path);
        }

        _filled.Ring();
    }

    private string? TakeRested()
    {
        lock (_gate)
        {
            return _released.TryPeek(out var oldest) && time.GetElapsedTime(oldest.At) >= Rest ? _released.Dequeue().Path : null;
        }
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The attempt has removed it itself.
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            SupervisorLog.Write($"The directory {path} cannot be removed: {problem.Message}");
        }
    }
}
