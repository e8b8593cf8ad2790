namespace OrleansBatch.Client.Transports;

/// <summary>Sends a call again as the AWS SDKs do: three times in all, after a pause that doubles and is never twice the same.</summary>
internal static class Retries
{
    private const int Attempts = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs a call until it succeeds, fails for good, or has failed too often.</summary>
    public static async Task<T> RunAsync<T>(Func<Task<T>> call, Func<Exception, bool> isPassing, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (Exception failure) when (attempt < Attempts && !cancellationToken.IsCancellationRequested && isPassing(failure))
            {
                var longest = FirstPause * Math.Pow(2, attempt - 1);
                await Task.Delay(longest * (0.5 + (Random.Shared.NextDouble() / 2)), cancellationToken);
            }
        }
    }
}
