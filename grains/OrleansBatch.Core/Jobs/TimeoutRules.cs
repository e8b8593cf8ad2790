using OrleansBatch.Model;
using OrleansBatch.Model.Jobs;

namespace OrleansBatch.Core.Jobs;

/// <summary>What a timeout may say, in a definition and in a submission.</summary>
/// <remarks>Source: AWS Batch API, JobTimeout.</remarks>
public static class TimeoutRules
{
    private const int MinimumSeconds = 60;

    /// <summary>Checks a timeout; null, or one that gives no duration, is none, which is allowed.</summary>
    /// <exception cref="BatchClientException">It is shorter than 60 seconds.</exception>
    public static void Check(JobTimeout? timeout)
    {
        if (timeout?.AttemptDurationSeconds < MinimumSeconds)
        {
            throw new BatchClientException($"AttemptDurationSeconds in Timeout must be at least {MinimumSeconds} seconds.");
        }
    }
}
