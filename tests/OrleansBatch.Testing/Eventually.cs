using System.Runtime.CompilerServices;

namespace OrleansBatch.Testing;

/// <summary>The one way to wait for something that no event announces: look again and again, until a deadline.</summary>
public static class Eventually
{
    /// <summary>How long it waits at most.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Looks again and again until it holds.</summary>
    /// <exception cref="TimeoutException">It did not come to hold before the deadline.</exception>
    public static Task True(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        True(condition, TimeProvider.System, what);

    /// <summary>The same, of what has to be asked for.</summary>
    /// <exception cref="TimeoutException">It did not come to hold before the deadline.</exception>
    public static async Task True(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Deadline)
            {
                throw new TimeoutException($"Not within {Deadline}: {what}");
            }

            await Task.Delay(Interval);
        }
    }

    /// <summary>The same by another clock.</summary>
    /// <exception cref="TimeoutException">It did not come to hold before the deadline.</exception>
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
