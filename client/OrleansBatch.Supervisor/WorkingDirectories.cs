using System.Text;
using OrleansBatch.Processes;
using OrleansBatch.Processes.Wire;

namespace OrleansBatch.Supervisor;

/// <summary>The directories that attempts begin in: fresh, empty, removed after the end.</summary>
internal sealed class WorkingDirectories(string root)
{
    private const int LongestName = 120;

    private readonly Lock _gate = new();
    private readonly Bell _filled = new();
    private readonly Queue<string> _full = new();
    private List<AttemptKey> _released = [];
    private List<AttemptKey> _taken = [];

    /// <summary>Makes the directory of an attempt.</summary>
    public OsError Make(string path)
    {
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

    /// <summary>Says that an attempt is over. Costs nothing now; <see cref="Sweep"/> removes its directory.</summary>
    public void Release(AttemptKey key)
    {
        lock (_gate)
        {
            _released.Add(key);
        }
    }

    /// <summary>Removes the directories of attempts that are over; those that hold something are left to <see cref="RunRemovals"/>.</summary>
    public void Sweep()
    {
        lock (_gate)
        {
            (_released, _taken) = (_taken, _released);
        }

        foreach (var key in _taken)
        {
            var path = PathOf(key);
            if (Files.RemoveDirectory(path) is { IsNone: false } error && error != OsError.NotFound)
            {
                lock (_gate)
                {
                    _full.Enqueue(path);
                }

                _filled.Ring();
            }
        }

        _taken.Clear();
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

    /// <summary>Removes what an earlier supervisor left.</summary>
    public void Clear()
    {
        Directory.CreateDirectory(root);
        foreach (var path in Directory.GetDirectories(root))
        {
            lock (_gate)
            {
                _full.Enqueue(path);
            }

            _filled.Ring();
        }
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
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
