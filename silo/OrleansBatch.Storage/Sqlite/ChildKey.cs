namespace OrleansBatch.Storage.Sqlite;

/// <summary>The key of an array child's row: one number, in the order of parents, then of indices.</summary>
internal static class ChildKey
{
    /// <summary>More than the largest array has children.</summary>
    public const long PerParent = 1 << 14;

    public static long Of(long parent, int index) => (parent * PerParent) + index;

    public static long ParentOf(long key) => key / PerParent;

    public static int IndexOf(long key) => (int)(key % PerParent);
}
