using System.Collections.Immutable;
using OrleansBatch.Core.Names;
using OrleansBatch.Model;
using OrleansBatch.Model.JobQueues;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.JobQueues;

/// <summary>A position at a queue's front.</summary>
/// <param name="JobId">Who stands there.</param>
/// <param name="Since">Since when it was seen there.</param>
public sealed record FrontPosition(string JobId, DateTimeOffset Since);

/// <summary>What a snapshot shows of a queue.</summary>
/// <remarks>Source: AWS Batch API, GetJobQueueSnapshot.</remarks>
public static class QueueFronts
{
    /// <summary>Jobs at most.</summary>
    public const int Most = 100;

    private const int MostShares = 20;

    /// <summary>The front now: whoever stands where it stood keeps its time.</summary>
    /// <param name="before">As it was seen before.</param>
    /// <param name="jobIds">Who stands there now, in order.</param>
    /// <param name="now">The time.</param>
    public static ImmutableArray<FrontPosition> Next(ImmutableArray<FrontPosition> before, IEnumerable<string> jobIds, DateTimeOffset now) =>
        [.. jobIds.Take(Most).Select((jobId, position) => position < before.Length && before[position].JobId == jobId ? before[position] : new(jobId, now))];

    /// <summary>The answer.</summary>
    /// <param name="scope">Whose queue it is.</param>
    /// <param name="front">Its front.</param>
    /// <param name="held">For each of its jobs that has capacity: its share, and how much it holds, in thousandths of a vCPU.</param>
    /// <param name="activeShares">Shares that are active; null: it has no scheduling policy.</param>
    /// <param name="now">The time.</param>
    public static GetJobQueueSnapshotResponse Describe(
        Scope scope, ImmutableArray<FrontPosition> front, IEnumerable<(string? Share, long VcpuMillis)> held, int? activeShares, DateTimeOffset now)
    {
        var at = now.ToUnixTimeMilliseconds();
        var jobs = held.ToList();
        return new()
        {
            FrontOfQueue = new()
            {
                Jobs = [.. front.Select(position => new FrontOfQueueJobSummary
                {
                    JobArn = Arns.Job(scope, position.JobId),
                    EarliestTimeAtPosition = position.Since.ToUnixTimeMilliseconds(),
                })],
                LastUpdatedAt = at,
            },
            QueueUtilization = new()
            {
                TotalCapacityUsage = Usage(jobs.Sum(job => job.VcpuMillis)),
                FairshareUtilization = activeShares is not { } active ? null : new()
                {
                    ActiveShareCount = active,
                    TopCapacityUtilization =
                    [
                        .. jobs.Where(job => job.Share is not null)
                            .GroupBy(job => job.Share!, StringComparer.Ordinal)
                            .Select(share => (Share: share.Key, VcpuMillis: share.Sum(job => job.VcpuMillis)))
                            .OrderByDescending(share => share.VcpuMillis)
                            .ThenBy(share => share.Share, StringComparer.Ordinal)
                            .Take(MostShares)
                            .Select(share => new FairshareCapacityUtilization { ShareIdentifier = share.Share, CapacityUsage = Usage(share.VcpuMillis) }),
                    ],
                },
                LastUpdatedAt = at,
            },
        };
    }

    private static IReadOnlyList<JobCapacityUsage> Usage(long vcpuMillis) => [new() { CapacityUnit = "VCPU", Quantity = vcpuMillis / 1000.0 }];
}
