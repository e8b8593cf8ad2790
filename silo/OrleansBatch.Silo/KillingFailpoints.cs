using System.Diagnostics;
using OrleansBatch.Grains;

namespace OrleansBatch.Silo;

/// <summary>Kills this program, as <c>kill -9</c> does, the n-th time that a point is reached.</summary>
internal sealed class KillingFailpoints(Failpoint killAt, int count) : IFailpoints
{
    private int _left = count;

    public void Reach(Failpoint point)
    {
        if (point == killAt && Interlocked.Decrement(ref _left) == 0)
        {
            Process.GetCurrentProcess().Kill();
            Thread.Sleep(Timeout.Infinite);
        }
    }
}
