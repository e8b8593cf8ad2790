using System.Collections.Frozen;
using OrleansBatch.Core.Capacity.Instances;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>How capacity is modelled: the operator's settings.</summary>
public sealed record CapacityModel
{
    /// <summary>The instance types there are. Default: the built-in catalogue.</summary>
    public InstanceCatalogue Catalogue { get; init; } = InstanceCatalogue.BuiltIn;

    /// <summary>How long a launch takes until the host takes jobs. Default: no time.</summary>
    public TimeSpan LaunchDelay { get; init; }

    /// <summary>How long a host is without jobs before it goes, unless its environment has a minScaleDownDelayMinutes. Default: 60 s.</summary>
    public TimeSpan IdleDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When to try again after hosts were not to be had. Default: 30 s.</summary>
    public TimeSpan ShortageRetry { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Names of instance types of which none is to be had, to see what happens then. Default: none.</summary>
    public FrozenSet<string> Unavailable { get; init; } = [];

    /// <summary>Interruptions expected in an hour of a Spot host whose type is of the class 5 to 10 %; others have more or fewer. Default: 0, none.</summary>
    public double SpotInterruptionsPerHour { get; init; }

    /// <summary>The same for environments of these names, instead. Default: none.</summary>
    public IReadOnlyDictionary<string, double> SpotInterruptionsByEnvironment { get; init; } = new Dictionary<string, double>();
}
