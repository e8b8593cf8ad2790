using System.Globalization;

namespace OrleansBatch.Core.Jobs.MultiNode;

/// <summary>The addresses at which the nodes of multi-node jobs reach one another where all of them are processes of one machine.</summary>
/// <remarks>
/// Every address that begins with 127 is the machine itself: a server that listens on one of them is alone there, one that listens on all is reached by each.
/// Jobs that follow one another have different ones, so that those that run together do not meet; they come again after some 16,600 jobs.
/// </remarks>
public static class NodeAddresses
{
    private const int PerJob = 1000;
    private const int PerBlock = 1 << 16;

    // 127.0 is left to others, and so is 127.255.
    private const int Blocks = 254;

    /// <summary>A node's address.</summary>
    /// <param name="sequence">The job's sequence.</param>
    /// <param name="index">The node.</param>
    public static string Of(long sequence, int index)
    {
        var number = (int)((((sequence % (Blocks * (long)PerBlock)) * PerJob) + index) % (Blocks * (long)PerBlock));
        return string.Create(CultureInfo.InvariantCulture, $"127.{(number / PerBlock) + 1}.{number / 256 % 256}.{number % 256}");
    }
}
