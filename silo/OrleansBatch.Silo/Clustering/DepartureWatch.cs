using OrleansBatch.Grains;

namespace OrleansBatch.Silo.Clustering;

/// <summary>Has the keeper look at once when a silo has left the cluster: what lived in it is made to live again elsewhere, without waiting for somebody to ask.</summary>
internal sealed class DepartureWatch(IClusterMembershipService membership, Keeper keeper) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        HashSet<SiloAddress> gone = [];
        try
        {
            await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
            {
                var known = gone.Count;
                gone.UnionWith(snapshot.Members.Values.Where(member => member.Status == SiloStatus.Dead).Select(member => member.SiloAddress));
                if (gone.Count > known)
                {
                    await keeper.LookAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The program ends.
        }
    }
}
