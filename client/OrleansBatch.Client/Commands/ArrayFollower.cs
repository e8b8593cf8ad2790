using OrleansBatch.Client.Output;
using OrleansBatch.Client.Transports;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Client.Commands;

/// <summary>Prints what the children of an array, or the nodes of a multi-node job, write, until the job has ended and the last line is out.</summary>
/// <param name="client">The scheduler.</param>
/// <param name="newFollower">Follows one child, given its index.</param>
/// <param name="outages">Rides them out.</param>
/// <param name="time">The clock.</param>
/// <remarks>
/// A look costs what has changed, whatever the array's size: children that wait are not looked at, those that have ended once, and for those
/// the listing is read only when the array's counts say that there are more of them. Nodes are looked at each time, all of them: they run together.
/// </remarks>
internal sealed class ArrayFollower(IBatchClient client, Func<int, LogFollower> newFollower, Outages outages, TimeProvider time)
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<int, LogFollower> _open = [];
    private readonly Dictionary<int, string> _over = [];

    /// <summary>Follows the array.</summary>
    /// <param name="arrayId">The parent's id.</param>
    /// <param name="counted">Is told after each look how many children are in which status.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The parent at its end.</returns>
    /// <exception cref="NotFoundException">There is no such job.</exception>
    public async Task<JobDetail> FollowAsync(string arrayId, Action<StatusCounts> counted, CancellationToken cancellationToken)
    {
        var pause = new Pause(ShortestPause, LongestPause, time);
        while (true)
        {
            var array = await outages.RideOutAsync(() => JobReading.OneAsync(client, arrayId, cancellationToken), cancellationToken);
            counted(StatusCounts.Of([array]));
            var hasNews = await PrintAsync(array, cancellationToken);
            if (JobReading.HasEnded(array))
            {
                return array;
            }

            await pause.TakeAsync(hasNews, cancellationToken);
        }
    }

    /// <summary>Prints what is there.</summary>
    /// <returns>Whether there was anything new.</returns>
    public async Task<bool> PrintAsync(JobDetail array, CancellationToken cancellationToken)
    {
        if (IsOfNodes(array))
        {
            // All begin together, and again with each attempt of the job.
            Open(Enumerable.Range(0, array.NodeProperties!.NumNodes!.Value));
        }
        else
        {
            await FindAsync(array, JobStatus.Running, cancellationToken);
            await FindAsync(array, JobStatus.Succeeded, cancellationToken);
            await FindAsync(array, JobStatus.Failed, cancellationToken);
        }

        var ids = _open.Keys.Select(index => JobPartIds.Part(array.JobId, index, IsOfNodes(array))).ToList();
        var children = await outages.RideOutAsync(() => JobReading.ManyAsync(client, ids, cancellationToken), cancellationToken);
        var hasNews = false;
        foreach (var child in children)
        {
            hasNews |= await PrintChildAsync(array, child, cancellationToken);
        }

        return hasNews;
    }

    private static bool IsOfNodes(JobDetail job) => job.NodeProperties is not null;

    private async Task<bool> PrintChildAsync(JobDetail array, JobDetail child, CancellationToken cancellationToken)
    {
        if ((child.ArrayProperties?.Index ?? child.NodeDetails?.NodeIndex) is not { } index || !_open.TryGetValue(index, out var follower))
        {
            return false;
        }

        // What is read after the child was seen to have ended is all there is.
        var hasNews = await follower.PrintAsync(child, cancellationToken);
        // A node may begin anew as long as its job goes on.
        if (JobReading.HasEnded(child) && (!IsOfNodes(array) || JobReading.HasEnded(array)))
        {
            _ = _open.Remove(index);
            _over[index] = child.Status;
        }

        return hasNews;
    }

    private async Task FindAsync(JobDetail array, JobStatus status, CancellationToken cancellationToken)
    {
        var word = status.ToWire();
        if (array.ArrayProperties?.StatusSummary is { } summary && summary.GetValueOrDefault(word) == _over.Values.Count(over => over == word))
        {
            return;
        }

        var listing = new JobListing { Queue = array.JobQueue, Array = array.JobId, Statuses = [word], Limit = int.MaxValue };
        var children = await outages.RideOutAsync(() => listing.ReadAsync(client, cancellationToken), cancellationToken);
        Open(children.Select(JobListing.IndexOf).OfType<int>());
    }

    private void Open(IEnumerable<int> indices)
    {
        foreach (var index in indices.Where(index => !_over.ContainsKey(index) && !_open.ContainsKey(index)))
        {
            _open.Add(index, newFollower(index));
        }
    }
}
