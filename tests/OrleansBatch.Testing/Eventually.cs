namespace OrleansBatch.Testing;

/// <summary>Waits for what happens outside the program under test, where there is no event to await.</summary>
public static class Eventually
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Looks again and again until it holds.</summary>
    /// <exception cref="TimeoutException">It did not come to hold in a minute.</exception>
    public static async Task TrueAsync(Func<bool> holds)
    {
        using var timer = new PeriodicTimer(BetweenLooks);
        var deadline = DateTime.UtcNow + Patience;
        while (!holds())
        {
            if (DateTime.UtcNow > deadline)
            {
                throw new TimeoutException("It did not come to hold in a minute.");
            }

            _ = await timer.WaitForNextTickAsync();
        }
    }
}
