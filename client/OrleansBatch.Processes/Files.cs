namespace OrleansBatch.Processes;

/// <summary>File operations that are made once per attempt and therefore as bare as can be.</summary>
public static unsafe class Files
{
    private const int StatXSize = 256;
    private const int SizeOffset = 40;
    private const int ModeOffset = 28;
    private const uint ModeMask = 3;
    private const int AtEmptyPath = 0x1000;
    private const int DirectoryBufferSize = 1024;
    private const int OwnEntriesSize = 48;
    private const ushort OwnDirectoryMode = 0x41C0;

    /// <summary>Makes one directory, only for its owner.</summary>
    /// <returns>No error, or <see cref="OsError.AlreadyExists"/>, <see cref="OsError.NotFound"/>...</returns>
    public static OsError MakeDirectory(string path) => Libc.MakeDirectory(path, 0b111_000_000) == 0 ? default : OsError.Last;

    /// <summary>Whether a directory holds nothing and still is as <see cref="MakeDirectory"/> made it.</summary>
    public static bool IsFreshDirectory(string path)
    {
        var descriptor = Libc.Open(path, Libc.OpenReadOnly | Libc.OpenNoFollow | Libc.OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            return false;
        }

        // What is always there: itself and its parent. Anything more has entries of at least 24 bytes each.
        var entries = stackalloc byte[DirectoryBufferSize];
        var length = Libc.ReadDirectory(descriptor, entries, DirectoryBufferSize);
        var result = stackalloc byte[StatXSize];
        var known = Libc.StatX(descriptor, "", AtEmptyPath, ModeMask, result) == 0;
        _ = Libc.Close(descriptor);
        return length == OwnEntriesSize && known && *(ushort*)(result + ModeOffset) == OwnDirectoryMode;
    }

    /// <summary>The size of a file.</summary>
    /// <returns>Bytes; -1 when there is no such file.</returns>
    public static long SizeOf(string path)
    {
        var result = stackalloc byte[StatXSize];
        return Libc.StatX(Libc.AtWorkingDirectory, path, 0, Libc.SizeMask, result) == 0 ? *(long*)(result + SizeOffset) : -1;
    }
}
