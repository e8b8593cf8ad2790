namespace OrleansBatch.Processes;

/// <summary>A lock on a file that dies with its last holder (<c>flock</c>).</summary>
/// <remarks>It belongs to the open file, not to the process: a descriptor that is handed on hands the lock on, without a gap.</remarks>
public static class KernelLock
{
    private const int Exclusive = 2;
    private const int DoNotWait = 4;

    /// <summary>Takes the lock if nobody has it.</summary>
    /// <returns>The descriptor that holds it; null when someone else does.</returns>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static FileDescriptor? TryTake(string path)
    {
        var file = FileDescriptor.OpenAppend(path);
        if (Libc.FileLock(file.Number, Exclusive | DoNotWait) == 0)
        {
            return file;
        }

        file.Dispose();
        return null;
    }
}
