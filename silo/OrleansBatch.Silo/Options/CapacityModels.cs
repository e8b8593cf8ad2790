using System.Collections.Frozen;
using OrleansBatch.Core.Capacity.Instances;
using OrleansBatch.Grains.ComputeEnvironments;

namespace OrleansBatch.Silo.Options;

/// <summary>How capacity is modelled, by the settings.</summary>
internal static class CapacityModels
{
    /// <summary>Reads the catalogue, if one is given.</summary>
    /// <exception cref="StartException">It cannot be read; the message says why.</exception>
    public static CapacityModel Of(BatchOptions options) => new()
    {
        Catalogue = options.InstanceCatalogue is { } path ? Read(path) : InstanceCatalogue.BuiltIn,
        LaunchDelay = options.HostLaunchDelay,
        IdleDelay = options.HostIdleDelay,
        Unavailable = options.UnavailableInstanceTypes.ToFrozenSet(StringComparer.Ordinal),
        SpotInterruptionsPerHour = options.SpotInterruptionsPerHour,
        SpotInterruptionsByEnvironment = options.SpotInterruptionsByEnvironment,
    };

    private static InstanceCatalogue Read(string path)
    {
        try
        {
            return InstanceCatalogueReader.Read(File.ReadAllBytes(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InstanceCatalogueException)
        {
            throw new StartException($"The instance catalogue {path} cannot be used: {exception.Message}");
        }
    }
}
