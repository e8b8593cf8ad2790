using System.Runtime.CompilerServices;

namespace OrleansBatch.Agent.Tests;

/// <summary>The one way to wait for something that no event announces: look again and again, until a deadline.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    public static Task True(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        True(condition, TimeProvider.System, what);

    public static async Task True(Func<bool> condition, TimeProvider time, string what)
    {
        var began = time.GetTimestamp();
        while (!condition())
        {
            if (time.GetElapsedTime(began) > Deadline)
            {
                throw new TimeoutException($"Not within {Deadline}: {what}");
            }

            await Task.Delay(Interval, time);
        }
    }
}
