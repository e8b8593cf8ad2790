using System.Collections.Immutable;
using OrleansBatch.Core.Capacity.Hosts;
using OrleansBatch.Core.Capacity.Scaling;
using OrleansBatch.Core.Capacity.Unplaced;
using OrleansBatch.Model;
using OrleansBatch.Model.ComputeEnvironments;

namespace OrleansBatch.Grains.ComputeEnvironments;

/// <summary>What the environment shows of its hosts, and says of a job that waits.</summary>
internal sealed partial class ComputeEnvironmentGrain
{
    public Task<ImmutableArray<HostDetail>> Hosts(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var isReal = Configuration is { ComputeResources: null };
        return Task.FromResult<ImmutableArray<HostDetail>>(
        [
            .. _ledger.Snapshot().Select(host =>
            {
                var row = _hostRows.GetValueOrDefault(host.Id);
                var launchReason = host.IsSingleUse && _ledger.ReservationsOn(host.Id) is [var only] ? Reasons.OfFargate(only.JobId) : row?.LaunchReason;
                return HostDescriptions.Describe(host, isReal, launchReason, row?.EndReason, endedAt: null, now);
            }),
        ]);
    }

    public Task<EnvironmentOutlookDetail?> Explain(ResourceNeeds needs, GangNeeds? gang, CancellationToken cancellationToken)
    {
        if (Configuration is null)
        {
            return Task.FromResult<EnvironmentOutlookDetail?>(null);
        }

        var outlook = new EnvironmentOutlook
        {
            Name = Name.Name,
            IsValid = Configuration.Status is "VALID" or "UPDATING",
            IsEnabled = Configuration.State == "ENABLED",
            Offer = HasModelledHosts ? Limits().Offer : null,
            HasNodes = !_serving.IsEmpty,
            FargateMaxVcpus = IsFargate ? Configuration.ComputeResources!.MaxvCpus : null,
            Hosts = _ledger.Snapshot(),
        };
        return Task.FromResult<EnvironmentOutlookDetail?>(HostDescriptions.Describe(WhyUnplaced.Explain(needs, [outlook], model.Catalogue, gang).Environments[0]));
    }
}
