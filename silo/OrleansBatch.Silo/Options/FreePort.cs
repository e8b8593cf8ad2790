using System.Net;
using System.Net.Sockets;

namespace OrleansBatch.Silo.Options;

/// <summary>Finds ports for the parts that must be told theirs.</summary>
internal static class FreePort
{
    /// <summary>The port asked for, or a free one for 0.</summary>
    /// <param name="port">The port.</param>
    /// <param name="address">Where; null: on loopback.</param>
    public static int Or(int port, IPAddress? address = null) => port != 0 ? port : Bind(0, address);

    /// <summary>Whether nobody listens on a port of an address.</summary>
    public static bool IsFree(int port, IPAddress address)
    {
        try
        {
            _ = Bind(port, address);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int Bind(int port, IPAddress? address = null)
    {
        address ??= IPAddress.Loopback;
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
