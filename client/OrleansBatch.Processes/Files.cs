namespace OrleansBatch.Processes;

/// <summary>File operations that are made once per attempt and therefore as bare as can be.</summary>
public static unsafe class Files
{
    private const int StatXSize = 256;
    private const int SizeOffset = 40;

    /// <summary>Makes one directory, only for its owner.</summary>
    /// <returns>No error, or <see cref="OsError.AlreadyExists"/>, <see cref="OsError.NotFound"/>...</returns>
    public static OsError MakeDirectory(string path) => Libc.MakeDirectory(path, 0b111_000_000) == 0 ? default : OsError.Last;

    /// <summary>Removes one empty directory.</summary>
    public static OsError RemoveDirectory(string path) => Libc.RemoveDirectory(path) == 0 ? default : OsError.Last;

    /// <summary>The size of a file.</summary>
    /// <returns>Bytes; -1 when there is no such file.</returns>
    public static long SizeOf(string path)
    {
        var result = stackalloc byte[StatXSize];
        return Libc.StatX(Libc.AtWorkingDirectory, path, 0, Libc.SizeMask, result) == 0 ? *(long*)(result + SizeOffset) : -1;
    }
}
