namespace OrleansBatch.Grains;

/// <summary>Names of the grain storages that the silo provides.</summary>
public static class StorageNames
{
    /// <summary>Queues, environments and catalogues.</summary>
    public const string Configuration = "configuration";
}
