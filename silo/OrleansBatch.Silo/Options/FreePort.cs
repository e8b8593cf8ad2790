using System.Net;
using System.Net.Sockets;

namespace OrleansBatch.Silo.Options;

/// <summary>Finds ports for the parts that must be told theirs.</summary>
internal static class FreePort
{
    /// <summary>The port asked for, or a free one on loopback for 0.</summary>
    public static int Or(int port)
    {
        if (port != 0)
        {
            return port;
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
