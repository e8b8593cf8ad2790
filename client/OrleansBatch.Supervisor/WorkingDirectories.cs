using System.Text;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>The directories that attempts begin in: empty, of their own name, gone after the end.</summary>
/// <remarks>
/// One that was left empty is not removed but kept, and becomes the next attempt's under its name. For a file system may
/// make new inodes dear while many have just been freed: ext4 without a journal looks past each freed in the last minutes,
/// which halved the rate of starts.
/// </remarks>
internal sealed class WorkingDirectories(string root, TimeProvider time)
{
    private const int LongestName = 120;
    private const int MostKept = 4096;

    // By then whatever had left the attempt's group has been found and killed.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly Bell _filled = new();
    private readonly Queue<string> _full = new();
    private readonly Queue<string> _kept = new();
    private readonly Queue<(string Path, long At)> _released = new();

    /// <summary>Makes the directory of an attempt.</summary>
    public OsError Make(string path)
    {
        string? kept;
        lock (_gate)
        {
            _kept.TryDequeue(out kept);
        }

        if (kept is not null && Files.Rename(kept, path).IsNone)
        {
            return default;
        }

        var error = Files.MakeDirectory(path);
        if (error == OsError.AlreadyExists)
        {
            // Of a journal that was lost: this one would not have given the fence twice.
            Remove(path);
            error = Files.MakeDirectory(path);
        }
        else if (error == OsError.NotFound)
        {
            Directory.CreateDirectory(root);
            error = Files.MakeDirectory(path);
        }

        return error;
    }

    /// <summary>Where an attempt begins.</summary>
    public string PathOf(AttemptKey key)
    {
        var name = new StringBuilder(key.Job.Length + 8);
        foreach (var character in key.Job.Length > LongestName ? key.Job.AsSpan(0, LongestName) : key.Job)
        {
            // A colon would split a PATH, a slash a directory; the fence and the whole id's hash below keep names apart.
            name.Append(char.IsAsciiLetterOrDigit(character) || character == '-' ? character : '_');
        }

        var hash = name.Length == key.Job.Length && !name.ToString().Contains('_', StringComparison.Ordinal) ? "" : $"~{StableHash(key.Job):x8}";
        return $"{root}/{name}{hash}.{key.Fence}";
    }

    /// <summary>Says that an attempt is over. Costs nothing now; <see cref="Sweep"/> sees to its directory.</summary>
    public void Release(AttemptKey key)
    {
        lock (_gate)
        {
            _released.Enqueue((PathOf(key), time.GetTimestamp()));
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
            KeepOrRemove(path);
        }
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
            // The attempt has removed it itself, or never got one.
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            SupervisorLog.Write($"The directory {path} cannot be removed: {problem.Message}");
        }
    }

    private static uint StableHash(string text)
    {
        // FNV-1a: names in a directory must be the same in every run, unlike string.GetHashCode.
        var hash = 2166136261u;
        foreach (var character in text)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return hash;
    }
}
