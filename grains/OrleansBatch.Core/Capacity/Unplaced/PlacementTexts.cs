using System.Globalization;
using OrleansBatch.Core.Jobs;
using OrleansBatch.Model.ComputeEnvironments;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Capacity.Unplaced;

/// <summary>Says in one sentence why a job is where it is. For people.</summary>
public static class PlacementTexts
{
    /// <summary>More than so many jobs before one are not counted.</summary>
    public const int MostCounted = 1_000;

    /// <summary>Of a job that waits for a place.</summary>
    /// <param name="statusReason">What its row says; null: nothing.</param>
    /// <param name="before">How many jobs stand before it in its queue; null when it does not stand there.</param>
    /// <param name="environments">What it may hope for.</param>
    public static string Waits(string? statusReason, int? before, IReadOnlyList<EnvironmentOutlookDetail> environments)
    {
        if (statusReason is not null)
        {
            return $"It holds up its queue: {statusReason}";
        }

        return before switch
        {
            null => "It is on its way into its queue, or out of it.",
            0 when environments.Any(environment => environment.Outlook == "FITS_NOW") => "It is at the head of its queue and about to be placed, unless what it takes of consumable resources or of another share is missing.",
            0 => "It is at the head of its queue and waits for capacity.",
            MostCounted => string.Create(CultureInfo.InvariantCulture, $"At least {MostCounted} jobs of its queue stand before it."),
            1 => "One job of its queue stands before it.",
            _ => string.Create(CultureInfo.InvariantCulture, $"{before} jobs of its queue stand before it."),
        };
    }

    /// <summary>Of a job that has a place.</summary>
    /// <param name="placement">Its place.</param>
    /// <param name="host">Its host; null when that is not known any more.</param>
    /// <param name="isNode">Whether it is a node of a multi-node parallel job.</param>
    public static string IsPlaced(JobPlacement placement, HostDetail? host, bool isNode = false) => host switch
    {
        not null when isNode =>
            $"It has host {host.HostId} ({host.InstanceType}) of compute environment {placement.Environment} for itself, as each node of its job has one of this type.{(host.LaunchReason is null ? "" : $" The host was launched as {host.LaunchReason}.")}",
        _ when placement.Fargate is { } fargate => $"It is on host {fargate.Id} ({fargate.Type}) of compute environment {placement.Environment}, which is there for this attempt alone.",
        null => $"It is on host {placement.HostId} of compute environment {placement.Environment}.",
        { LaunchReason: { } reason } => $"It is on host {host.HostId} ({host.InstanceType}) of compute environment {placement.Environment}: of the hosts with room, the one on which it left the least unused. The host was launched as {reason}.",
        _ => $"It is on host {host.HostId} ({host.InstanceType}) of compute environment {placement.Environment}.",
    };

    /// <summary>Of a job in a status without a place.</summary>
    public static string Of(JobStatus status) => status.IsTerminal()
        ? "It has ended."
        : "It waits for other jobs.";
}
