using System.Net;
using System.Net.Sockets;

namespace OrleansBatch.Silo.Options;

/// <summary>Finds ports for the parts that must be told theirs.</summary>
internal static class FreePort
{
    /// <summary>The port asked for, or a free one on loopback for 0.</summary>
    public static int Or(int port) => port != 0 ? port : Bind(0);

    /// <summary>Whether nobody listens on a port of loopback.</summary>
    public static bool IsFree(int port)
    {
        try
        {
            _ = Bind(port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Bind(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
